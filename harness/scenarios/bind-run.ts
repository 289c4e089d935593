import { badValue } from '../values/bad-value.ts';
import type { StepBinding } from './bind-step.ts';
import { hexDigits } from './encode-entry.ts';
import type { ObjectNames } from './object-names.ts';
import type { StepOf } from './step-schemas.ts';

/** Program types that BPF_PROG_TEST_RUN gives a packet. */
const WITH_PACKET = new Set([
  ...['xdp', 'sched_cls', 'sched_act', 'cgroup_skb', 'socket_filter', 'sk_skb', 'flow_dissector'],
  ...['lwt_in', 'lwt_out', 'lwt_xmit', 'lwt_seg6local', 'netfilter'],
]);

/** The shortest Ethernet frame without its checksum: the kernel refuses less than 14 bytes, and some kernels 14. */
const EMPTY_FRAME = Buffer.alloc(60);
/** Netfilter's begins behind Ethernet: the header of an empty IPv4 packet. */
const EMPTY_PACKET = Buffer.from([0x45, 0, 0, 20, ...Array(16).fill(0)]);

/** How much longer than its input a packet may become. */
const GROWTH_BYTES = 4096;

/** A run of a program as it is sent; `path` is where the step is. */
export function bindRun(step: StepOf<'run'>, names: ObjectNames, path: string): StepBinding {
  const { name: program, type } = names.program(step.run, `${path}.run`);
  const data = inputOf(step, type);
  const asksForData = step.expect.some(({ dataOut }) => dataOut !== undefined);
  const keepsData = step.dataOut ?? (asksForData || step.data !== undefined);
  const hasPacket = WITH_PACKET.has(type);
  if (!hasPacket && (step.dataOut === true || asksForData)) {
    throw badValue(`${path}.run`, `${program} is of type ${type}, which gives no data out`);
  }
  const wire = {
    kind: 'run' as const,
    ...{ program, data, ctx: step.ctx === undefined ? null : hexDigits(step.ctx) },
    ...{ repeat: step.repeat, cpu: step.cpu ?? null },
    dataOutBytes: hasPacket && keepsData ? (data ?? '').length / 2 + GROWTH_BYTES : 0,
  };
  return {
    wire,
    needs: { kind: 'program', program },
    answer: { kind: 'run', programType: type },
  };
}

function inputOf(step: StepOf<'run'>, type: string): string | null {
  if (step.data !== undefined) return hexDigits(step.data);
  if (!WITH_PACKET.has(type)) return null;
  return (type === 'netfilter' ? EMPTY_PACKET : EMPTY_FRAME).toString('hex');
}
