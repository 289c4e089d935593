import type { LinuxJudge } from './judge-linux.ts';
import type { MapShape, NeededMap, SourceLine } from './needs.ts';
import { supportIn } from './since.ts';
import { insteadOf } from './suggestions.ts';

/** Types whose entries have no key, or no value. */
const WITHOUT_KEY = new Set(['queue', 'stack', 'bloom_filter', 'ringbuf', 'user_ringbuf', 'arena']);
const WITHOUT_VALUE = new Set(['ringbuf', 'user_ringbuf', 'arena']);
/** Types of which the loader gives sizes that the object leaves out. */
const WITH_SIZES_OF_LOADER = new Set([
  'perf_event_array',
  'struct_ops',
  'array_of_maps',
  'hash_of_maps',
]);

/** Types whose key is an index of 4 bytes (array_map_alloc_check in kernel/bpf/arraymap.c, and those like it). */
const WITH_INDEX = new Set([
  ...['array', 'percpu_array', 'prog_array', 'cgroup_array', 'devmap', 'sockmap', 'cpumap'],
  ...['xskmap', 'reuseport_sockarray'],
]);

/** Says what of a program's maps a kernel does not have. */
export function judgeMaps(judge: LinuxJudge): void {
  for (const { name, line } of judge.program.needs.filter(({ kind }) => kind === 'map')) {
    const map = judge.object.maps.find(each => each.name === name);
    if (map === undefined) continue;
    for (const part of [map, ...(map.innerMap === null ? [] : [map.innerMap])]) {
      const instead = insteadOf(part.type);
      judge.require({ list: 'mapTypes', name: part.type }, `map type ${part.type}`, {
        line,
        instead,
      });
      judgeFlags(judge, part, line);
    }
    const { type, keySize } = map;
    if (
      (WITH_INDEX.has(type) && keySize > 0 && keySize !== 4) ||
      (WITHOUT_KEY.has(type) && keySize > 0)
    ) {
      judge.judgement.stop(`map ${name} of type ${type} as declared`, {
        ...{ line, why: `its keys have ${keySize} bytes, not ${WITH_INDEX.has(type) ? 4 : 0}` },
      });
    }
    if (lacksSize(map)) {
      judge.judgement.stop(`map ${name} of type ${map.type} as declared`, {
        ...{ line, why: 'its loader is to set a size that the object leaves open' },
      });
    }
  }
}

/** Types that a kernel makes only with a flag (local_storage and trie_alloc in kernel/bpf, arena_map_alloc). */
const NEEDED_FLAG: Readonly<Record<string, string>> = {
  lpm_trie: 'BPF_F_NO_PREALLOC',
  sk_storage: 'BPF_F_NO_PREALLOC',
  inode_storage: 'BPF_F_NO_PREALLOC',
  task_storage: 'BPF_F_NO_PREALLOC',
  cgrp_storage: 'BPF_F_NO_PREALLOC',
  arena: 'BPF_F_MMAPABLE',
};

/** Bits of flags that take a descriptor, or that the loader sets by itself (include/uapi/linux/bpf.h). */
const FLAGS_OF_LOADERS = (1 << 13) | (1 << 14) | (1 << 15) | (1 << 16);

/** Names of flags by bit, as `agent/names` has them. */
const FLAG_NAMES = [
  'BPF_F_NO_PREALLOC',
  'BPF_F_NO_COMMON_LRU',
  'BPF_F_NUMA_NODE',
  'BPF_F_RDONLY',
  'BPF_F_WRONLY',
  'BPF_F_STACK_BUILD_ID',
  'BPF_F_ZERO_SEED',
  'BPF_F_RDONLY_PROG',
  'BPF_F_WRONLY_PROG',
  'BPF_F_CLONE',
  'BPF_F_MMAPABLE',
  'BPF_F_PRESERVE_ELEMS',
  'BPF_F_INNER_MAP',
  'BPF_F_LINK',
  'BPF_F_PATH_FD',
  'BPF_F_VTYPE_BTF_OBJ_FD',
  'BPF_F_TOKEN_FD',
  'BPF_F_SEGV_ON_FAULT',
  'BPF_F_NO_USER_CONV',
  'BPF_F_RB_OVERWRITE',
];

/** Says which of a map's flags its type does not have there. No struct_ops map was tried: it takes a type of the kernel's. */
function judgeFlags(judge: LinuxJudge, map: MapShape, line: SourceLine | null): void {
  const { table, version } = judge.question;
  const isThere = supportIn(table, version, { list: 'mapTypes', name: map.type }) === 'yes';
  if (!isThere || map.type === 'struct_ops') return;
  const needed = NEEDED_FLAG[map.type];
  if (needed !== undefined && (map.flags & (1 << FLAG_NAMES.indexOf(needed))) === 0) {
    judge.judgement.stop(`${map.type} without map flag ${needed}`, { line });
  }
  const flags = map.flags & ~FLAGS_OF_LOADERS;
  for (let bit = 0; bit < 32; bit += 1) {
    if ((flags & (1 << bit)) === 0) continue;
    const flag = FLAG_NAMES[bit] ?? `1<<${bit}`;
    const fact = { list: 'mapTypeFlags', name: `${map.type} ${flag}` } as const;
    judge.require(fact, `map flag ${flag} for ${map.type}`, { line });
  }
}

function lacksSize({ type, keySize, valueSize }: NeededMap): boolean {
  if (WITH_SIZES_OF_LOADER.has(type)) return false;
  const hasValues = !WITHOUT_VALUE.has(type) && type !== 'stack_trace';
  return (keySize === 0 && !WITHOUT_KEY.has(type)) || (valueSize === 0 && hasValues);
}
