/** Where a number is in memory. */
export interface BitRange {
  /** Bits from the start of the buffer, as BTF counts them: little-endian from each byte's lowest, big-endian from its highest. */
  readonly start: number;
  readonly size: number;
  readonly order: 'big' | undefined;
}

/** The number in a range, without a sign. */
export function readBits(bytes: Buffer, range: BitRange): bigint {
  return readWhole(bytes, range) ?? readEach(bytes, range);
}

/** Writes the low bits of a number, and leaves the bits around them as they are. */
export function writeBits(bytes: Buffer, range: BitRange, value: bigint): void {
  for (let index = 0; index < range.size; index++) {
    const { byte, mask } = place(range, index);
    const old = bytes[byte] ?? 0;
    bytes[byte] = (value >> BigInt(index)) & 1n ? old | mask : old & ~mask;
  }
}

/** A number of so many bits, read as two's complement. */
export function withSign(value: bigint, size: number): bigint {
  return BigInt.asIntN(size, value);
}

/** The usual sizes, which maps with many entries need to be fast. */
function readWhole(bytes: Buffer, { start, size, order }: BitRange): bigint | undefined {
  if (start % 8 !== 0) return undefined;
  const offset = start / 8;
  if (size === 64) {
    return order === 'big' ? bytes.readBigUInt64BE(offset) : bytes.readBigUInt64LE(offset);
  }
  if (size !== 8 && size !== 16 && size !== 32) return undefined;
  const length = size / 8;
  return BigInt(
    order === 'big' ? bytes.readUIntBE(offset, length) : bytes.readUIntLE(offset, length),
  );
}

function readEach(bytes: Buffer, range: BitRange): bigint {
  let value = 0n;
  for (let index = 0; index < range.size; index++) {
    const { byte, mask } = place(range, index);
    if ((bytes[byte] ?? 0) & mask) value |= 1n << BigInt(index);
  }
  return value;
}

/** The byte and the bit of it that hold bit `index` of the number, 0 being its lowest. */
function place({ start, size, order }: BitRange, index: number) {
  const bit = order === 'big' ? start + size - 1 - index : start + index;
  const inByte = order === 'big' ? 7 - (bit % 8) : bit % 8;
  return { byte: Math.floor(bit / 8), mask: 1 << inByte };
}
