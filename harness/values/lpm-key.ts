import { badValue, show } from './bad-value.ts';
import { hexBytes } from './encode-bytes.ts';
import { fromHex, toHex } from './hex.ts';
import { formatIpAddress, parseIpAddress } from './ip-address.ts';

/** `struct bpf_lpm_trie_key`: the length of the prefix as a u32, then the data, most significant byte first. */
const PREFIX_BYTES = 4;

export interface LpmKeyOptions {
  /** All of the key in bytes, with its prefix length. */
  readonly size: number;
  /** What messages call it; by default `key`. */
  readonly path?: string;
  /** Of the prefix length; absent: little-endian. */
  readonly order?: 'big' | undefined;
}

/**
 * A key of an LPM trie from `10.0.0.0/8`, `fd00::/8` or `0x0a000000/8`. An address without a length has that of all
 * its bits. `0x…` without a length is the whole key in memory's order.
 *
 * @throws CrossbpfError `USAGE_BAD_VALUE` for another text, other than `size` bytes or a prefix longer than them.
 */
export function encodeLpmKey(text: unknown, options: LpmKeyOptions): Buffer {
  const { size, path = 'key', order } = options;
  const whole = hexBytes(text, size, path);
  if (whole !== undefined) return whole;
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,9}))?$/.exec(String(text)) ?? [];
  const data = fromHex(address) ?? parseIpAddress(address);
  const room = size - PREFIX_BYTES;
  if (typeof text !== 'string' || data === undefined) {
    throw badValue(path, `expected a prefix such as ${example(room)}, got ${show(text)}`);
  }
  if (data.length !== room) {
    throw badValue(path, `${show(address)} has ${data.length} bytes, and ${room} are needed`);
  }
  const length = bits === undefined ? room * 8 : Number(bits);
  if (length > room * 8) {
    throw badValue(path, `a prefix of ${length} bits does not fit the key's ${room * 8}`);
  }
  const prefix = Buffer.alloc(PREFIX_BYTES);
  if (order === 'big') prefix.writeUInt32BE(length);
  else prefix.writeUInt32LE(length);
  return Buffer.concat([prefix, data]);
}

/** A key of an LPM trie as `10.0.0.0/8` (4 bytes of data), `fd00::/8` (16) or `0x0a00/8` (any other number). */
export function decodeLpmKey(bytes: Buffer, order?: 'big'): string {
  if (bytes.length < PREFIX_BYTES) return toHex(bytes);
  const length = order === 'big' ? bytes.readUInt32BE() : bytes.readUInt32LE();
  const data = bytes.subarray(PREFIX_BYTES);
  return `${formatIpAddress(data) ?? toHex(data)}/${length}`;
}

function example(room: number): string {
  if (room === 4) return "'10.0.0.0/8'";
  return room === 16 ? "'fd00::/8'" : `'0x${'00'.repeat(Math.min(room, 8))}/8'`;
}
