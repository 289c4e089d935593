import type { LinuxJudge } from './judge-linux.ts';
import type { NeededMap } from './needs.ts';
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

function lacksSize({ type, keySize, valueSize }: NeededMap): boolean {
  if (WITH_SIZES_OF_LOADER.has(type)) return false;
  const hasValues = !WITHOUT_VALUE.has(type) && type !== 'stack_trace';
  return (keySize === 0 && !WITHOUT_KEY.has(type)) || (valueSize === 0 && hasValues);
}
