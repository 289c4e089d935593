import { badValue, show } from './bad-value.ts';
import { fromHex } from './hex.ts';
import { encodeScalar } from './scalar.ts';

const INTEGER_SIZES = [1, 2, 4, 8];

/** The bytes of a value whose type is not known: all of them as `0x…`, or an integer where there are 1, 2, 4 or 8. */
export function encodeBytes(value: unknown, size: number, path: string): Buffer {
  const bytes = hexBytes(value, size, path);
  if (bytes !== undefined) return bytes;
  if (!INTEGER_SIZES.includes(size) || /^0x/i.test(String(value))) {
    const message = `its type is not known, so it must be ${size} bytes as '0x…', got ${show(value)}`;
    throw badValue(path, message, 'Give the map BTF types with __type().');
  }
  const signed = typeof value !== 'string' ? Number(value) < 0 : value.startsWith('-');
  const layout = { kind: 'int', size, signed } as const;
  const number = encodeScalar(value, { layout, width: size * 8, path });
  const encoded = Buffer.alloc(8);
  encoded.writeBigUInt64LE(BigInt.asUintN(64, number));
  return encoded.subarray(0, size);
}

/**
 * The bytes of a Buffer or of a string `0x…`; undefined for any other value.
 *
 * @throws CrossbpfError `USAGE_BAD_VALUE` when they are not as many as there should be.
 */
export function hexBytes(value: unknown, size: number, path: string): Buffer | undefined {
  const bytes = bytesOf(value);
  if (bytes === undefined || bytes.length === size) return bytes;
  const given = `${bytes.length} byte${bytes.length === 1 ? '' : 's'}`;
  throw badValue(path, `${show(value)} has ${given}, and ${size} are needed`);
}

function bytesOf(value: unknown): Buffer | undefined {
  if (value instanceof Uint8Array) return Buffer.from(value);
  return typeof value === 'string' ? fromHex(value) : undefined;
}
