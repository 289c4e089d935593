import type { InspectedMap } from '../agent/inspected-object.ts';

/** What a scenario can do with a map. */
export interface MapAccess {
  readonly isPerCpu: boolean;
  readonly hasKey: boolean;
  /** What reading all of it gives; null where that cannot be had, or would not mean the same elsewhere. */
  readonly contents: 'entries' | 'records' | null;
  /** Whether single values can be read and written. */
  readonly hasValues: boolean;
  /** Why what is null or false above is so, as the end of a sentence about the map; empty where nothing is. */
  readonly why: string;
}

const PER_CPU = new Set([
  ...['percpu_hash', 'percpu_array', 'lru_percpu_hash', 'percpu_cgroup_storage'],
]);
const KEYLESS = new Set(['queue', 'stack', 'bloom_filter']);
const RECORDS = new Set(['ringbuf', 'perf_event_array']);

const SOCKETS = 'holds sockets, which mean nothing outside of one machine';
const STORAGE = 'belongs to sockets, tasks, inodes or cgroups, and only programs can read it';

/** Maps whose values are no bytes that a scenario could give or compare. */
const WITHOUT_VALUES: Readonly<Record<string, string>> = {
  prog_array: 'holds programs: fill it in the object, with .values',
  array_of_maps:
    'holds maps: fill it in the object, with .values, and read those by their own names',
  hash_of_maps:
    'holds maps: fill it in the object, with .values, and read those by their own names',
  cgroup_array: 'holds cgroups, which mean nothing outside of one machine',
  ...{ sockmap: SOCKETS, sockhash: SOCKETS, xskmap: SOCKETS, reuseport_sockarray: SOCKETS },
  ...{ sk_storage: STORAGE, inode_storage: STORAGE, task_storage: STORAGE, cgrp_storage: STORAGE },
  struct_ops: 'holds functions of the kernel: attach it instead',
  user_ringbuf: 'is read by programs alone',
  arena: 'is memory without entries',
  insn_array: 'holds places in programs',
};

/** What can be done with a map, by its type. */
export function mapAccess({ type }: Pick<InspectedMap, 'type'>): MapAccess {
  const base = { isPerCpu: PER_CPU.has(type), hasKey: !KEYLESS.has(type) };
  const why = WITHOUT_VALUES[type];
  if (why !== undefined) return { ...base, contents: null, hasValues: false, why };
  if (RECORDS.has(type)) {
    const hint = 'holds records and no values: read it in a step, { read: … }';
    return { ...base, contents: 'records', hasValues: false, why: hint };
  }
  if (type === 'bloom_filter') {
    const all = 'is a bloom filter, which does not tell what is in it';
    return { ...base, contents: null, hasValues: true, why: all };
  }
  return { ...base, contents: 'entries', hasValues: true, why: '' };
}
