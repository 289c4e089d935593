const UNUSUAL = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
]);

/** A number of 4 or 8 bytes from its bits (IEEE 754); what JSON cannot hold as a word, and an unusual NaN as its bits. */
export function fromFloatBits(bits: bigint, size: number): number | string {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  const number = size === 4 ? view.getFloat32(4) : view.getFloat64(0);
  if (Object.is(number, -0)) return '-0';
  if (Number.isNaN(number) && toFloatBits('NaN', size) !== bits) return `0x${bits.toString(16)}`;
  return Number.isFinite(number) ? number : String(number);
}

/** The bits of a number of 4 or 8 bytes, or of `0x…`; undefined for anything else, or what is too large for them. */
export function toFloatBits(value: unknown, size: number): bigint | undefined {
  if (typeof value === 'string' && /^0x[0-9a-f]+$/i.test(value)) {
    const bits = BigInt(value);
    return BigInt.asUintN(size * 8, bits) === bits ? bits : undefined;
  }
  const number = typeof value === 'string' ? UNUSUAL.get(value) : value;
  if (typeof number !== 'number') return undefined;
  if (size === 4 && Number.isFinite(number) && !Number.isFinite(Math.fround(number))) {
    return undefined;
  }
  const view = new DataView(new ArrayBuffer(8));
  if (size === 4) view.setFloat32(4, number);
  else view.setFloat64(0, number);
  return view.getBigUint64(0);
}
