import { internetChecksum } from './checksum.ts';
import { address, checkFields, definedFields, type Header, number, packHeader } from './header.ts';
import { type Layer, padOptions } from './layer.ts';

/** For experiments (RFC 3692): what has no number of its own. */
const UNKNOWN_PROTOCOL = 253;
/** IPv6: nothing follows. */
const NO_NEXT_HEADER = 59;

/** RFC 791. What is left out is filled in to make the packet right. */
export interface Ipv4Fields {
  /** By default `10.0.0.1`. */
  readonly src?: string | undefined;
  /** By default `10.0.0.2`. */
  readonly dst?: string | undefined;
  /** By default 64. */
  readonly ttl?: number | undefined;
  /** DSCP and ECN, 8 bits. */
  readonly tos?: number | undefined;
  readonly id?: number | undefined;
  readonly dontFragment?: boolean | undefined;
  readonly moreFragments?: boolean | undefined;
  /** In units of 8 bytes. */
  readonly fragmentOffset?: number | undefined;
  readonly protocol?: number | undefined;
  /** At most 40 bytes, filled up with zeros to whole words. */
  readonly options?: Uint8Array | undefined;
  readonly version?: number | undefined;
  /** Length of the header in words of 32 bits. */
  readonly ihl?: number | undefined;
  /** Of header and payload in bytes. */
  readonly length?: number | undefined;
  readonly checksum?: number | undefined;
}

const IPV4: Header = {
  name: 'ipv4',
  fields: [
    ...[number('version', 4), number('ihl', 4), number('tos', 8), number('length', 16)],
    ...[number('id', 16), number('reserved', 1), number('dontFragment', 1)],
    ...[number('moreFragments', 1), number('fragmentOffset', 13)],
    ...[number('ttl', 8), number('protocol', 8), number('checksum', 16)],
    ...[address('src', 'ipv4'), address('dst', 'ipv4')],
  ],
  others: ['options'],
};

export function ipv4Layer(given: Ipv4Fields): Layer {
  checkFields(IPV4, given);
  const options = padOptions('ipv4', given.options);
  const fields = { version: 4, ttl: 64, src: '10.0.0.1', dst: '10.0.0.2', ...definedFields(given) };
  return {
    name: 'ipv4',
    etherType: 0x0800,
    protocol: 4,
    write({ payload, next }) {
      const length = 20 + options.length;
      const filled = {
        ...{ ihl: length / 4, length: length + payload.length },
        ...{ protocol: next?.protocol ?? UNKNOWN_PROTOCOL, ...fields },
      };
      const header = Buffer.concat([packHeader(IPV4, filled), options]);
      if (given.checksum === undefined) header.writeUInt16BE(internetChecksum(header), 10);
      return header;
    },
    pseudoHeader: (protocol, length) =>
      packHeader(IPV4_PSEUDO, { src: fields.src, dst: fields.dst, protocol, length }),
  };
}

const IPV4_PSEUDO: Header = {
  name: 'ipv4',
  fields: [
    ...[address('src', 'ipv4'), address('dst', 'ipv4')],
    ...[number('zero', 8), number('protocol', 8), number('length', 16)],
  ],
};

/** RFC 8200. What is left out is filled in to make the packet right. */
export interface Ipv6Fields {
  /** By default `fd00::1`. */
  readonly src?: string | undefined;
  /** By default `fd00::2`. */
  readonly dst?: string | undefined;
  /** By default 64. */
  readonly hopLimit?: number | undefined;
  readonly trafficClass?: number | undefined;
  readonly flowLabel?: number | undefined;
  readonly nextHeader?: number | undefined;
  readonly version?: number | undefined;
  /** Of the payload in bytes. */
  readonly length?: number | undefined;
}

const IPV6: Header = {
  name: 'ipv6',
  fields: [
    ...[number('version', 4), number('trafficClass', 8), number('flowLabel', 20)],
    ...[number('length', 16), number('nextHeader', 8), number('hopLimit', 8)],
    ...[address('src', 'ipv6'), address('dst', 'ipv6')],
  ],
};

export function ipv6Layer(given: Ipv6Fields): Layer {
  checkFields(IPV6, given);
  const fields = {
    ...{ version: 6, hopLimit: 64, src: 'fd00::1', dst: 'fd00::2', ...definedFields(given) },
  };
  return {
    name: 'ipv6',
    etherType: 0x86dd,
    protocol: 41,
    write({ payload, next }) {
      const unknown = payload.length === 0 ? NO_NEXT_HEADER : UNKNOWN_PROTOCOL;
      const nextHeader = next?.protocol ?? unknown;
      return packHeader(IPV6, { length: payload.length, nextHeader, ...fields });
    },
    pseudoHeader: (protocol, length) =>
      packHeader(IPV6_PSEUDO, { src: fields.src, dst: fields.dst, protocol, length }),
  };
}

const IPV6_PSEUDO: Header = {
  name: 'ipv6',
  fields: [
    ...[address('src', 'ipv6'), address('dst', 'ipv6')],
    ...[number('length', 32), number('zero', 24), number('protocol', 8)],
  ],
};
