import type { InspectedObject } from '../../harness/agent/inspected-object.ts';
import type { DeclaredVerdict } from '../../harness/fixtures/directives.ts';
import type { Fixture } from '../../harness/fixtures/fixture.ts';
import type {
  FixtureObservation,
  MapObservation,
  StepObservation,
} from '../../harness/run/observation.ts';
import { bindScenario } from '../../harness/scenarios/bind-scenario.ts';
import { scenarioSchema, type UserScenario } from '../../harness/scenarios/scenario-schema.ts';
import type { Layout } from '../../harness/values/layout.ts';
import { accepted, fixture } from './fixture-builder.ts';

const u32: Layout = { kind: 'int', size: 4, signed: false };
const config: Layout = {
  ...{ kind: 'struct', name: 'config', size: 20 },
  members: [
    { name: 'limit', offset: 0, layout: u32 },
    { name: 'name', offset: 4, layout: { kind: 'text', size: 16 } },
  ],
};

/**
 * `counters`: the program `count` uses the maps `counts`, `config`, `events` (a ring buffer) and `queue`, and the
 * variable `hits`; the program `late` only the map `seen`.
 */
const OBJECT: InspectedObject = {
  ...{ platform: 'linux', btf: true, needsCore: false },
  programs: [
    inspectedProgram('count', ['counts', 'config', 'events', 'queue', '.bss']),
    inspectedProgram('late', ['seen']),
  ],
  maps: [
    map('counts', 'hash', { keySize: 4, key: u32 }),
    map('config', 'array', { keySize: 4, key: u32, valueSize: 20, value: config }),
    map('events', 'ringbuf', { keySize: 0, key: null, valueSize: 0, value: null }),
    map('queue', 'queue', { keySize: 0, key: null }),
    map('seen', 'hash', { keySize: 4, key: u32 }),
    map('.bss', 'array', { keySize: 4, key: u32, value: null }),
  ],
  sections: [
    {
      name: '.bss',
      variables: [
        { name: 'hits', offset: 0, size: 4, layout: u32 },
        { name: 'failure', offset: 4, size: 4, layout: { ...u32, signed: true } },
      ],
    },
  ],
};

function inspectedProgram(name: string, maps: readonly string[]) {
  return {
    ...{ name, section: 'xdp', type: 'xdp', insns: 2, helpers: [], kfuncs: [], maps: [...maps] },
    variables: maps.includes('.bss') ? [{ section: '.bss', offset: 0 }] : [],
  };
}

type InspectedMap = InspectedObject['maps'][number];

function map(name: string, type: string, rest: Partial<InspectedMap>): InspectedMap {
  const value = { valueSize: 4, value: u32 };
  return { name, type, keySize: 4, maxEntries: 16, key: u32, ...value, innerMap: null, ...rest };
}

/** A fixture with that object and a scenario, whose text is its JSON, a line for each bracket and member. */
export function scenarioFixture(
  scenario: UserScenario,
  declared: readonly DeclaredVerdict[] = [],
): Fixture {
  const id = 'counters';
  const text = JSON.stringify(scenario, null, 2);
  const read = {
    ...{ scenario: scenarioSchema.parse(scenario), text },
    ...{ file: 'fixtures/counters.scenario.ts', inputs: [] },
  };
  const { bound } = bindScenario(read, OBJECT, { root: '/' });
  return { ...fixture(id, [], declared), inspected: OBJECT, scenario: bound };
}

/** What came of a step, `ok` where nothing else is said. */
export function step(name: string, answer: Partial<StepObservation> = {}): StepObservation {
  return {
    ...{ name, kind: 'run', subject: 'count', status: 'ok', errno: null, message: '' },
    ...{ retval: null, retvalName: null, dataOut: null, value: null, runNs: null },
    ...answer,
  };
}

export function contents(entries: Readonly<Record<number, unknown>>): MapObservation {
  return {
    kind: 'entries',
    entries: Object.entries(entries).map(([key, value]) => ({
      ...{ key: Number(key), value: value as never },
    })),
  };
}

export function variables(values: Readonly<Record<string, number>>): MapObservation {
  return { kind: 'entries', entries: [{ key: null, value: values }] };
}

type Ran = FixtureObservation & { status: 'ran' };

/** What a target said that accepted both programs. */
export function played(parts: Partial<Ran>): Ran {
  return {
    ...{ status: 'ran', durationMs: 1, programs: { count: accepted(), late: accepted() } },
    ...{ steps: [], maps: {}, kernelLog: [] },
    ...parts,
  };
}
