import { badPacket } from './header.ts';

/** One protocol of a packet: it writes its header when what it carries is known. */
export interface Layer {
  readonly name: string;
  /** What an Ethernet header in front of it says (EtherType). */
  readonly etherType?: number;
  /** What an IP header in front of it says (IANA's protocol numbers). */
  readonly protocol?: number;
  /** Of IPv4 and IPv6: what checksums of the layers above include. */
  pseudoHeader?(protocol: number, length: number): Buffer;
  write(carried: Carried): Buffer;
}

export interface Carried {
  /** All bytes behind the header. */
  readonly payload: Buffer;
  readonly next: Layer | undefined;
  /** The IP layer that this one is in. */
  readonly network: Layer | undefined;
}

/** The bytes of layers, each in front of the next. */
export function writeLayers(layers: readonly Layer[]): Buffer {
  let payload = Buffer.alloc(0);
  for (const [index, layer] of [...layers.entries()].reverse()) {
    const network = layers.slice(0, index).findLast(({ pseudoHeader }) => pseudoHeader);
    const header = layer.write({ payload, next: layers[index + 1], network });
    payload = Buffer.concat([header, payload]);
  }
  return payload;
}

/** A header's options, filled up with zeros to whole words of 32 bits. */
export function padOptions(layer: string, options: Uint8Array | undefined): Buffer {
  const given = Buffer.from(options ?? []);
  if (given.length > 40) {
    throw badPacket(`${layer}.options: ${given.length} bytes do not fit a header (0 to 40)`);
  }
  return Buffer.concat([given], Math.ceil(given.length / 4) * 4);
}
