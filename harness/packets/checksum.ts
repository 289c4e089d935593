import type { Carried } from './layer.ts';

/** The checksum of the internet protocols (RFC 1071): the complement of the ones' complement sum of 16-bit words. */
export function internetChecksum(...parts: readonly Buffer[]): number {
  const bytes = Buffer.concat(parts);
  let sum = 0;
  for (const [index, byte] of bytes.entries()) {
    sum += index % 2 === 0 ? byte << 8 : byte;
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** The checksum of a segment or datagram in its IP packet; undefined where there is none around it. */
export function transportChecksum(
  header: Buffer,
  { payload, network }: Carried,
  protocol: number,
): number | undefined {
  const pseudo = network?.pseudoHeader?.(protocol, header.length + payload.length);
  return pseudo === undefined ? undefined : internetChecksum(pseudo, header, payload);
}
