import { address, checkFields, definedFields, type Header, number, packHeader } from './header.ts';
import type { Layer } from './layer.ts';

/** IEEE 802's local experimental EtherType, for what has none. */
const UNKNOWN_TYPE = 0x88b5;

export interface EthernetFields {
  /** Such as `02:00:00:00:00:02`, which is the default. */
  readonly dst?: string | undefined;
  /** By default `02:00:00:00:00:01`. */
  readonly src?: string | undefined;
  /** EtherType; by default that of what follows. */
  readonly type?: number | undefined;
}

const ETHERNET: Header = {
  name: 'ethernet',
  fields: [address('dst', 'mac'), address('src', 'mac'), number('type', 16)],
};

export function ethernetLayer(given: EthernetFields): Layer {
  checkFields(ETHERNET, given);
  return {
    name: 'ethernet',
    write: ({ next }) =>
      packHeader(ETHERNET, {
        ...{ dst: '02:00:00:00:00:02', src: '02:00:00:00:00:01' },
        ...{ type: next?.etherType ?? UNKNOWN_TYPE, ...definedFields(given) },
      }),
  };
}

/** A tag of IEEE 802.1Q. */
export interface VlanFields {
  /** 0 to 4095; by default 1. */
  readonly id?: number | undefined;
  /** 0 to 7; by default 0. */
  readonly priority?: number | undefined;
  readonly dropEligible?: boolean | undefined;
  /** EtherType; by default that of what follows. */
  readonly type?: number | undefined;
}

const VLAN: Header = {
  name: 'vlan',
  fields: [number('priority', 3), number('dropEligible', 1), number('id', 12), number('type', 16)],
};

export function vlanLayer(given: VlanFields): Layer {
  checkFields(VLAN, given);
  return {
    name: 'vlan',
    etherType: 0x8100,
    write: ({ next }) =>
      packHeader(VLAN, { id: 1, type: next?.etherType ?? UNKNOWN_TYPE, ...definedFields(given) }),
  };
}

/** ARP for IPv4 on Ethernet (RFC 826). */
export interface ArpFields {
  /** 1 for a request, the default; 2 for a reply. */
  readonly operation?: number | undefined;
  /** By default `02:00:00:00:00:01` and `10.0.0.1`. */
  readonly senderMac?: string | undefined;
  readonly senderIp?: string | undefined;
  /** By default `00:00:00:00:00:00` and `10.0.0.2`. */
  readonly targetMac?: string | undefined;
  readonly targetIp?: string | undefined;
}

const ARP: Header = {
  name: 'arp',
  fields: [
    ...[number('hardware', 16), number('protocol', 16)],
    ...[number('hardwareLength', 8), number('protocolLength', 8), number('operation', 16)],
    ...[address('senderMac', 'mac'), address('senderIp', 'ipv4')],
    ...[address('targetMac', 'mac'), address('targetIp', 'ipv4')],
  ],
};

export function arpLayer(given: ArpFields): Layer {
  checkFields(ARP, given);
  return {
    name: 'arp',
    etherType: 0x0806,
    write: () =>
      packHeader(ARP, {
        ...{ hardware: 1, protocol: 0x0800, hardwareLength: 6, protocolLength: 4, operation: 1 },
        ...{ senderMac: '02:00:00:00:00:01', senderIp: '10.0.0.1', targetIp: '10.0.0.2' },
        ...definedFields(given),
      }),
  };
}
