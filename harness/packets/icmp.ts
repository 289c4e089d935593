import { internetChecksum, transportChecksum } from './checksum.ts';
import { checkFields, definedFields, type Header, number, packHeader } from './header.ts';
import type { Layer } from './layer.ts';

const [ICMP_NUMBER, ICMPV6_NUMBER] = [1, 58];

/** RFC 792 and RFC 4443. What is left out is filled in: an echo request. */
export interface IcmpFields {
  /** By default 8 (ICMP) or 128 (ICMPv6), an echo request. */
  readonly type?: number | undefined;
  readonly code?: number | undefined;
  /** Bytes 4 and 5, whatever they mean for the type. */
  readonly id?: number | undefined;
  /** Bytes 6 and 7. */
  readonly sequence?: number | undefined;
  readonly checksum?: number | undefined;
}

function header(name: string): Header {
  const start = [number('type', 8), number('code', 8), number('checksum', 16)];
  return { name, fields: [...start, number('id', 16), number('sequence', 16)] };
}

const [ICMP, ICMPV6] = [header('icmp'), header('icmpv6')];

export function icmpLayer(given: IcmpFields): Layer {
  checkFields(ICMP, given);
  return {
    name: 'icmp',
    protocol: ICMP_NUMBER,
    write({ payload }) {
      const bytes = packHeader(ICMP, { type: 8, ...definedFields(given) });
      if (given.checksum === undefined) bytes.writeUInt16BE(internetChecksum(bytes, payload), 2);
      return bytes;
    },
  };
}

export function icmpv6Layer(given: IcmpFields): Layer {
  checkFields(ICMPV6, given);
  return {
    name: 'icmpv6',
    protocol: ICMPV6_NUMBER,
    write(carried) {
      const bytes = packHeader(ICMPV6, { type: 128, ...definedFields(given) });
      const sum = given.checksum ?? transportChecksum(bytes, carried, ICMPV6_NUMBER);
      bytes.writeUInt16BE(sum ?? 0, 2);
      return bytes;
    },
  };
}
