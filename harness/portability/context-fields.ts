import { compareKernelVersions } from '../kernels/kernel-version.ts';
import type { LinuxJudge } from './judge-linux.ts';

/** A field of struct __sk_buff (include/uapi/linux/bpf.h) that came later, by its offset in bytes. */
const LATE_FIELDS: Readonly<
  Record<string, readonly [name: string, version: string, commit: string]>
> = {
  180: ['tstamp_type', '5.18', '9bb984f28d5b'],
  184: ['hwtstamp', '5.16', 'f64c4acea51f'],
};

/** Program types that are given a struct __sk_buff. */
const PACKET_TYPES = new Set([
  ...['sched_cls', 'sched_act', 'cgroup_skb', 'sk_skb', 'lwt_in', 'lwt_out', 'lwt_xmit'],
  ...['socket_filter', 'lwt_seg6local', 'flow_dissector'],
]);

/** data, data_end and data_meta, which no socket filter may read (sk_filter_is_valid_access in net/core/filter.c). */
const PACKET_POINTERS: Readonly<Record<string, string>> = {
  76: 'data',
  80: 'data_end',
  140: 'data_meta',
};

/** The longest record of a tracepoint, in bytes: PERF_MAX_TRACE_SIZE of include/linux/trace_events.h. */
const LONGEST_RECORD = 8192;

/** Says which parts of its context a program may not use. */
export function contextFields(judge: LinuxJudge): void {
  const { program, question, judgement } = judge;
  for (const { name, line } of judge.reached('context')) {
    const pointer = PACKET_POINTERS[name];
    if (program.type === 'socket_filter' && pointer !== undefined) {
      judgement.stop(`field ${pointer} of __sk_buff`, {
        ...{ line, why: 'a socket filter may not read it', instead: 'bpf_skb_load_bytes' },
      });
    }
    if (program.type === 'tracepoint' && Number(name) >= LONGEST_RECORD) {
      judgement.stop(`byte ${name} of the record`, { line, why: 'no record is so long' });
    }
    const [field, version, commit] = LATE_FIELDS[name] ?? [];
    if (version === undefined || !PACKET_TYPES.has(program.type)) continue;
    if (compareKernelVersions(question.version, version) >= 0) continue;
    const source = `commit ${commit} of Linux ${version}`;
    judgement.stop(`field ${field} of __sk_buff`, { line, since: `Linux ${version}`, source });
  }
}
