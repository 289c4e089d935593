import { isIPv4, isIPv6 } from 'node:net';

/** The 4 bytes of `10.0.0.1` or the 16 of `fd00::1`, in network order; undefined for any other text. */
export function parseIpAddress(text: string): Buffer | undefined {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number));
  // Node also takes a zone, `fe80::1%eth0`, which is no part of the address.
  return isIPv6(text) && !text.includes('%') ? parseIPv6(text) : undefined;
}

/** Bytes as an address: 4 as IPv4, 16 as IPv6 in its short form (RFC 5952); undefined for any other number. */
export function formatIpAddress(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return undefined;
  const buffer = Buffer.from(bytes);
  const groups = Array.from({ length: 8 }, (_, index) => buffer.readUInt16BE(index * 2));
  const [start, length] = longestZeros(groups);
  const words = groups.map(group => group.toString(16));
  if (length < 2) return words.join(':');
  return `${words.slice(0, start).join(':')}::${words.slice(start + length).join(':')}`;
}

function parseIPv6(text: string): Buffer {
  const hex = text.replace(/[\d.]+$/, tail => (isIPv4(tail) ? asGroups(tail) : tail));
  const [head = '', tail = ''] = hex.split('::');
  const before = head.split(':').filter(Boolean);
  const after = tail.split(':').filter(Boolean);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const groups = [...before, ...zeros, ...after].map(group => Number.parseInt(group, 16));
  return Buffer.from(groups.flatMap(group => [group >> 8, group & 0xff]));
}

/** The last 4 bytes of `::ffff:10.0.0.1`, as two groups. */
function asGroups(address: string): string {
  const bytes = Buffer.from(address.split('.').map(Number));
  return `${bytes.readUInt16BE(0).toString(16)}:${bytes.readUInt16BE(2).toString(16)}`;
}

function longestZeros(groups: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  for (let start = 0; start < groups.length; start++) {
    const end = groups.findIndex((group, index) => index >= start && group !== 0);
    const length = (end < 0 ? groups.length : end) - start;
    if (length > best[1]) best = [start, length];
  }
  return best;
}
