import {
  type ArpFields,
  arpLayer,
  type EthernetFields,
  ethernetLayer,
  type VlanFields,
  vlanLayer,
} from './ethernet.ts';
import { badPacket } from './header.ts';
import { type IcmpFields, icmpLayer, icmpv6Layer } from './icmp.ts';
import { type Ipv4Fields, type Ipv6Fields, ipv4Layer, ipv6Layer } from './ip.ts';
import { type Layer, writeLayers } from './layer.ts';
import { type TcpFields, tcpLayer, type UdpFields, udpLayer } from './transport.ts';

/**
 * A packet in layers, outermost first. It does not change: each method gives a new one. Lengths, types and checksums
 * are filled in unless they are given, in which case they may be wrong on purpose.
 *
 * A method throws CrossbpfError `USAGE_BAD_PACKET` for a field that its header does not have, or that does not fit.
 */
export class Packet {
  readonly #layers: readonly Layer[];

  constructor(layers: readonly Layer[] = []) {
    this.#layers = layers;
  }

  ethernet(fields: EthernetFields = {}): Packet {
    return this.#with(ethernetLayer(fields));
  }

  vlan(fields: VlanFields = {}): Packet {
    return this.#with(vlanLayer(fields));
  }

  arp(fields: ArpFields = {}): Packet {
    return this.#with(arpLayer(fields));
  }

  ipv4(fields: Ipv4Fields = {}): Packet {
    return this.#with(ipv4Layer(fields));
  }

  ipv6(fields: Ipv6Fields = {}): Packet {
    return this.#with(ipv6Layer(fields));
  }

  udp(fields: UdpFields = {}): Packet {
    return this.#with(udpLayer(fields));
  }

  tcp(fields: TcpFields = {}): Packet {
    return this.#with(tcpLayer(fields));
  }

  icmp(fields: IcmpFields = {}): Packet {
    return this.#with(icmpLayer(fields));
  }

  icmpv6(fields: IcmpFields = {}): Packet {
    return this.#with(icmpv6Layer(fields));
  }

  /** A text (as UTF-8) or bytes, at the end or in front of further layers, for headers that have no method here. */
  payload(content: string | Uint8Array): Packet {
    if (typeof content !== 'string' && !(content instanceof Uint8Array)) {
      throw badPacket(`payload: expected a text or a Buffer, got ${typeof content}`);
    }
    const bytes = Buffer.from(content as string);
    return this.#with({ name: 'payload', write: () => bytes });
  }

  /** As on the wire, without a frame check sequence and without padding to Ethernet's least length. */
  bytes(): Buffer {
    return writeLayers(this.#layers);
  }

  #with(layer: Layer): Packet {
    return new Packet([...this.#layers, layer]);
  }
}

/** The empty packet, from which others are made: `packet.ethernet().ipv4().udp({ dst: 53 }).payload('hi')`. */
export const packet = new Packet();
