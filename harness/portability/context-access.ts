import type { LinuxJudge } from './judge-linux.ts';
import type { Need } from './needs.ts';
import { type Era, holds, sinceOf } from './rules-by-version.ts';
import { supportIn } from './since.ts';

/** A read or a write of some bytes of the context, as the agent writes it: `write 4 at 8 of a constant`. */
interface Access {
  readonly verb: 'read' | 'write';
  /** In bytes. */
  readonly size: number;
  readonly offset: number;
  readonly constant: boolean;
}

/** Fields of struct __sk_buff (include/uapi/linux/bpf.h) that came late or that some programs may not use, by offset in bytes. */
const FIELDS: Readonly<Record<number, string>> = {
  76: 'data',
  80: 'data_end',
  140: 'data_meta',
  144: 'flow_keys',
  168: 'sk',
  180: 'tstamp_type',
  184: 'hwtstamp',
};

/** Fields that came late, with the commit that brought each. */
const SINCE: Readonly<Record<string, Era>> = {
  tstamp_type: { since: '5.18', commit: '9bb984f28d5b' },
  hwtstamp: { since: '5.16', commit: 'f64c4acea51f' },
};

/** Program types that are given a struct __sk_buff. */
const PACKET_TYPES = new Set([
  ...['sched_cls', 'sched_act', 'cgroup_skb', 'sk_skb', 'lwt_in', 'lwt_out', 'lwt_xmit'],
  ...['socket_filter', 'lwt_seg6local', 'flow_dissector'],
]);

/** The bytes of a tracepoint's record that are the kernel's own, and of the longest record (PERF_MAX_TRACE_SIZE). */
const RECORD_HEAD = 8;
const LONGEST_RECORD = 8192;

/** 0d80a619c113 ("bpf: allow ctx writes using BPF_ST_MEM instruction") */
const CONSTANTS_WRITTEN: Era = { since: '6.4', commit: '0d80a619c113' };

/** A field of struct xdp_md that is there for programs of a devmap alone (xdp_is_valid_access in net/core/filter.c). */
const EGRESS_INTERFACE = 20;

/** Says which parts of its context a program may not use. */
export function contextAccess(judge: LinuxJudge): void {
  const { program } = judge;
  for (const need of judge.reached('context')) {
    const access = readAccess(need.name);
    if (program.type === 'tracepoint') recordAccess(judge, need, access);
    else if (program.type !== 'lsm' && program.type !== 'syscall')
      structAccess(judge, need, access);
  }
}

function readAccess(name: string): Access {
  const [verb, size, , offset, ...rest] = name.split(' ');
  return {
    verb: verb === 'write' ? 'write' : 'read',
    size: Number(size),
    offset: Number(offset),
    constant: rest.length > 0,
  };
}

/** What a tracepoint gives: a record of numbers (tp_prog_is_valid_access in kernel/trace/bpf_trace.c). */
function recordAccess({ judgement }: LinuxJudge, { line }: Need, access: Access): void {
  const { verb, size, offset } = access;
  if (offset >= LONGEST_RECORD) {
    judgement.stop(`byte ${offset} of the record`, { line, why: 'no record is so long' });
  } else if (offset < RECORD_HEAD || verb === 'write' || offset % size !== 0) {
    judgement.stop(`${describe(access)} of the record`, { line, why: 'no program may' });
  }
}

/** What the table has of the struct that a kind of program is given. */
function structAccess(judge: LinuxJudge, { line }: Need, access: Access): void {
  const { kind, program, question, judgement } = judge;
  const { table, version } = question;
  const { verb, size, offset, constant } = access;
  if (kind === null || !table.knowsContext(kind)) return;
  if (program.attachType === 'xdp_devmap' && offset === EGRESS_INTERFACE) return;
  const fact = { list: 'contexts', name: `${verb} ${size} at ${offset}`, kind } as const;
  if (supportIn(table, version, { list: 'kinds', name: kind }) !== 'yes') return;
  if (supportIn(table, version, fact) === 'no') return refuse(judge, line, access);
  if (!constant || holds(CONSTANTS_WRITTEN, judge)) return;
  const instead = 'a write of a variable';
  judgement.stop(`${describe(access)} of the context by a constant`, {
    ...{ line, instead, ...sinceOf(CONSTANTS_WRITTEN) },
  });
}

function refuse(judge: LinuxJudge, line: Need['line'], access: Access): void {
  const { kind, program, question, judgement } = judge;
  const { verb, size, offset } = access;
  const field = PACKET_TYPES.has(program.type) ? FIELDS[offset] : undefined;
  const late = SINCE[field ?? ''];
  if (late !== undefined && !holds(late, judge)) {
    return judgement.stop(`field ${field} of __sk_buff`, { line, ...sinceOf(late) });
  }
  const isWhole = (bytes: number) => {
    const at = offset - (offset % bytes);
    const fact = { list: 'contexts', name: `${verb} ${bytes} at ${at}`, kind } as const;
    return bytes !== size && supportIn(question.table, question.version, fact) === 'yes';
  };
  const whole = [4, 8].find(isWhole);
  if (whole !== undefined) {
    const why = `what lies there is ${verb === 'read' ? 'read' : 'written'} as ${whole} bytes`;
    return judgement.stop(`${describe(access)} of the context`, { line, why });
  }
  const what =
    field === undefined ? `${describe(access)} of the context` : `field ${field} of __sk_buff`;
  const isSocket = program.type === 'socket_filter';
  judgement.stop(what, {
    line,
    why: isSocket
      ? `a socket filter may not ${verb} it`
      : `programs of this kind may not ${verb} it`,
    instead: isSocket && PACKET_POINTERS.has(field ?? '') ? 'bpf_skb_load_bytes' : null,
  });
}

/** Fields that point into the packet. */
const PACKET_POINTERS = new Set(['data', 'data_end', 'data_meta']);

/** `read of 2 bytes at 76`. */
function describe({ verb, size, offset }: Access): string {
  return `${verb} of ${size} ${size === 1 ? 'byte' : 'bytes'} at ${offset}`;
}
