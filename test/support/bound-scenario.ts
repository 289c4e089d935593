import type { InspectedObject } from '../../harness/agent/inspected-object.ts';
import { bindScenario } from '../../harness/scenarios/bind-scenario.ts';
import { scenarioSchema, type UserScenario } from '../../harness/scenarios/scenario-schema.ts';
import { inspectedObject, int, map, struct } from './object-builder.ts';

const LIMITS = struct('limits', {
  low: int(1),
  mode: {
    kind: 'enum',
    name: 'mode',
    size: 1,
    signed: false,
    names: [{ name: 'OFF', value: '2' }],
  },
  name: { kind: 'text', size: 4 },
});
const PREFIX = struct('prefix', {
  length: int(4),
  data: { kind: 'array', count: 4, size: 4, element: int(1) },
});
/** With programs and maps of the kinds that scenarios treat differently. */
export const OBJECT = inspectedObject({
  programs: {
    count: { maps: ['.bss', 'counts', 'events'] },
    dispatch: { maps: ['jumps'] },
    reached: { maps: ['limits'] },
    probe: { type: 'kprobe' },
    check: { type: 'lsm' },
  },
  maps: [
    map('counts'),
    map('limits', { type: 'array', value: LIMITS }),
    map('routes', { type: 'lpm_trie', key: PREFIX }),
    map('per_cpu', { type: 'percpu_array' }),
    map('events', { type: 'ringbuf', key: null, value: null, keySize: 0, valueSize: 0 }),
    map('fifo', { type: 'queue', key: null, keySize: 0 }),
    map('filter', { type: 'bloom_filter', key: null, keySize: 0 }),
    map('jumps', { type: 'prog_array', value: int(4) }),
    map('sockets', { type: 'sk_storage' }),
    map('untyped', { key: null, value: null }),
    map('big', { type: 'array', maxEntries: 1_000_000 }),
    map('.rodata', { type: 'array', maxEntries: 1 }),
  ],
  variables: { hits: int(8), threshold: int(4) },
});

/** A scenario of that object, of which the least that a test is about is written. */
export function bind(scenario: UserScenario, object: InspectedObject = OBJECT) {
  const text = JSON.stringify(scenario, (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  const read = {
    scenario: scenarioSchema.parse(scenario),
    text,
    file: 'f.scenario.ts',
    inputs: [],
  };
  return bindScenario(read, object, { root: '/' }).bound;
}
