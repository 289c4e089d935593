import { transportChecksum } from './checksum.ts';
import {
  badPacket,
  checkFields,
  definedFields,
  type Header,
  number,
  packHeader,
} from './header.ts';
import { type Layer, padOptions } from './layer.ts';

const [UDP_NUMBER, TCP_NUMBER] = [17, 6];
/** The first of the ports that a system chooses by itself (RFC 6335). */
const SOURCE_PORT = 49152;

/** RFC 768. What is left out is filled in to make the datagram right. */
export interface UdpFields {
  /** Port; by default 49152. */
  readonly src?: number | undefined;
  /** Port; by default 9, discard. */
  readonly dst?: number | undefined;
  /** Of header and payload in bytes. */
  readonly length?: number | undefined;
  /** 0 says that there is none. */
  readonly checksum?: number | undefined;
}

const UDP: Header = {
  name: 'udp',
  fields: [number('src', 16), number('dst', 16), number('length', 16), number('checksum', 16)],
};

export function udpLayer(given: UdpFields): Layer {
  checkFields(UDP, given);
  return {
    name: 'udp',
    protocol: UDP_NUMBER,
    write(carried) {
      const filled = { src: SOURCE_PORT, dst: 9, length: 8 + carried.payload.length };
      const header = packHeader(UDP, { ...filled, ...definedFields(given) });
      if (given.checksum !== undefined) return header;
      // A sum of 0 is sent as its other form, since 0 says that there is none.
      const sum = transportChecksum(header, carried, UDP_NUMBER);
      if (sum !== undefined) header.writeUInt16BE(sum || 0xffff, 6);
      return header;
    },
  };
}

const FLAGS = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr'] as const;
export type TcpFlag = (typeof FLAGS)[number];

/** RFC 9293. What is left out is filled in to make the segment right. */
export interface TcpFields {
  /** Port; by default 49152. */
  readonly src?: number | undefined;
  /** Port; by default 80. */
  readonly dst?: number | undefined;
  readonly seq?: number | undefined;
  readonly ack?: number | undefined;
  /** By default `['syn']`. */
  readonly flags?: readonly TcpFlag[] | undefined;
  /** By default 65535. */
  readonly window?: number | undefined;
  readonly urgent?: number | undefined;
  /** At most 40 bytes, filled up with zeros to whole words. */
  readonly options?: Uint8Array | undefined;
  /** Length of the header in words of 32 bits. */
  readonly dataOffset?: number | undefined;
  readonly checksum?: number | undefined;
}

const TCP: Header = {
  name: 'tcp',
  fields: [
    ...[number('src', 16), number('dst', 16), number('seq', 32), number('ack', 32)],
    ...[number('dataOffset', 4), number('reserved', 4), number('bits', 8), number('window', 16)],
    ...[number('checksum', 16), number('urgent', 16)],
  ],
  others: ['flags', 'options'],
};

export function tcpLayer(given: TcpFields): Layer {
  checkFields(TCP, given);
  const options = padOptions('tcp', given.options);
  const bits = flagBits(given.flags ?? ['syn']);
  return {
    name: 'tcp',
    protocol: TCP_NUMBER,
    write(carried) {
      const dataOffset = 5 + options.length / 4;
      const filled = { src: SOURCE_PORT, dst: 80, bits, window: 65_535, dataOffset };
      const fixed = packHeader(TCP, { ...filled, ...definedFields(given) });
      const header = Buffer.concat([fixed, options]);
      const sum = given.checksum ?? transportChecksum(header, carried, TCP_NUMBER);
      header.writeUInt16BE(sum ?? 0, 16);
      return header;
    },
  };
}

function flagBits(flags: readonly TcpFlag[]): number {
  const unknown = flags.find(flag => !FLAGS.includes(flag));
  if (unknown === undefined)
    return flags.reduce((sum, flag) => sum | (1 << FLAGS.indexOf(flag)), 0);
  throw badPacket(`tcp.flags: there is no ${unknown}`, `Known: ${FLAGS.join(', ')}.`);
}
