import { expect, test } from 'vitest';
import type { InspectedObject } from '../../harness/agent/inspected-object.ts';
import { CrossbpfError } from '../../harness/crossbpf-error.ts';
import { bindScenario } from '../../harness/scenarios/bind-scenario.ts';
import { scenarioSchema, type UserScenario } from '../../harness/scenarios/scenario-schema.ts';
import { inspectedObject, int, map, struct } from '../support/object-builder.ts';

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
const OBJECT = inspectedObject({
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

function bind(scenario: UserScenario, object: InspectedObject = OBJECT) {
  const text = JSON.stringify(scenario, (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  const read = {
    scenario: scenarioSchema.parse(scenario),
    text,
    file: 'f.scenario.ts',
    inputs: [],
  };
  return bindScenario(read, object, '/').bound;
}

function faultOf(scenario: UserScenario): string {
  try {
    bind(scenario);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(CrossbpfError);
    const { code, message, facts } = thrown as CrossbpfError;
    expect({ code, file: facts.file }).toEqual({
      code: 'USAGE_BAD_SCENARIO',
      file: 'f.scenario.ts:1',
    });
    return message;
  }
  throw new Error('nothing is wrong');
}

const wires = (scenario: UserScenario) => bind(scenario).steps.map(({ wire }) => wire);

test('a run: the data, with room for what comes out; none for a program without a packet', () => {
  expect(
    wires({ steps: [{ run: 'count', data: '0x0102', cpu: 1, repeat: 3 }, { run: 'check' }] }),
  ).toEqual([
    {
      ...{ kind: 'run', program: 'count', data: '0102', ctx: null, repeat: 3, cpu: 1 },
      dataOutBytes: 2 + 4096,
    },
    {
      ...{ kind: 'run', program: 'check', data: null, ctx: null, repeat: 1, cpu: null },
      dataOutBytes: 0,
    },
  ]);
});

test('without data a packet is 60 zeros, whose output nobody asks for', () => {
  const [wire] = wires({ steps: [{ run: 'count' }] });
  expect(wire).toMatchObject({ data: '00'.repeat(60), dataOutBytes: 0 });
});

test.each<[string, UserScenario, string[]]>([
  ['for what is expected', { steps: [{ run: 'count', expect: { dataOut: '0x' } }] }, ['run count']],
  ['when it is said', { steps: [{ run: 'count', dataOut: true }] }, ['run count']],
])('data comes out %s', (_, scenario) => {
  expect(wires(scenario)).toMatchObject([{ dataOutBytes: 60 + 4096 }]);
});

test('keys and values of maps by their types', () => {
  expect(
    wires({
      maps: {
        limits: [{ key: 1, value: { low: 3, mode: 'OFF', name: 'ab' } }],
        routes: [{ key: '10.0.0.0/8', value: 1 }],
        per_cpu: [
          { key: 0, value: 7 },
          { key: 1, value: [1, 2] },
        ],
        fifo: [{ value: 5 }],
        untyped: [{ key: '0x01000000', value: '0x0100000000000000' }],
      },
    }),
  ).toMatchObject([
    { map: 'limits', key: '01000000', values: ['030261620000'] },
    { map: 'routes', key: '080000000a000000', values: ['0100000000000000'] },
    { map: 'per_cpu', key: '00000000', values: ['0700000000000000'] },
    { map: 'per_cpu', key: '01000000', values: ['0100000000000000', '0200000000000000'] },
    { map: 'fifo', key: null, values: ['0500000000000000'] },
    { map: 'untyped', key: '01000000', values: ['0100000000000000'] },
  ]);
});

test('seeds come before the steps, and are told apart from them', () => {
  const { steps } = bind({ steps: [{ run: 'count' }], maps: { counts: [{ key: 1, value: 1 }] } });
  expect(steps.map(({ name, isSeed }) => [name, isSeed])).toEqual([
    ['seed counts[0]', true],
    ['run count', false],
  ]);
});

test('global variables by section, offset and type', () => {
  expect(bind({ variables: { threshold: 258, hits: '18446744073709551615' } }).variables).toEqual([
    { section: '.bss', offset: 8, bytes: '02010000' },
    { section: '.bss', offset: 0, bytes: 'ff'.repeat(8) },
  ]);
});

test('map steps', () => {
  expect(
    wires({
      steps: [
        { lookup: 'counts', key: 1 },
        { take: 'counts', key: 1 },
        { pop: 'fifo' },
        { lookup: 'fifo' },
        { update: 'counts', key: 1, value: 2, flags: 'exist' },
        { delete: 'counts', key: 1 },
        { delete: 'jumps', key: 1 },
        { read: 'counts' },
        { read: 'events', max: 5 },
      ],
    }),
  ).toEqual([
    { kind: 'lookup', map: 'counts', key: '01000000' },
    { kind: 'lookup-delete', map: 'counts', key: '01000000' },
    { kind: 'lookup-delete', map: 'fifo', key: null },
    { kind: 'lookup', map: 'fifo', key: null },
    { kind: 'update', map: 'counts', key: '01000000', values: ['0200000000000000'], flags: 2 },
    { kind: 'delete', map: 'counts', key: '01000000' },
    { kind: 'delete', map: 'jumps', key: '01000000' },
    { kind: 'dump', map: 'counts' },
    { kind: 'records', map: 'events', max: 5 },
  ]);
});

test('attachments and triggers', () => {
  expect(
    wires({
      steps: [
        { attach: 'probe', as: 'p', to: { kprobe: 'do_exit' } },
        { attach: 'count', to: { interface: 'veth' } },
        { attach: 'check' },
        { trigger: { exec: true } },
        { trigger: { udp: { port: 53, payload: 'x', count: 2 } } },
        { trigger: { tcp: { via: 'lo', port: 80, payload: '0xff' } } },
        { read: { iterator: 'p' } },
        { read: { trace: true } },
        { detach: 'p' },
      ],
    }),
  ).toMatchObject([
    { as: 'p', program: 'probe', target: { at: 'kprobe', symbol: 'do_exit', offset: 0 } },
    { as: 'count', program: 'count', target: { at: 'interface', interface: 'veth' } },
    { as: 'check', target: null },
    { event: { what: 'exec', file: null, arguments: [] } },
    { event: { what: 'udp', via: 'veth', direction: 'in', port: 53, payload: '78', count: 2 } },
    { event: { what: 'tcp', via: 'lo', port: 80, payload: 'ff' } },
    { kind: 'text', as: 'p' },
    { kind: 'trace' },
    { kind: 'detach', as: 'p' },
  ]);
});

test('names of steps: given, or made of kind and subject, numbered where they repeat', () => {
  const { steps } = bind({
    steps: [
      { run: 'count' },
      { run: 'count', name: 'run count #2' },
      { run: 'count' },
      { attach: 'probe', as: 'p' },
      { trigger: { open: '/proc/version' } },
      { trigger: { udp: { port: 53 } } },
      { read: { trace: true } },
    ],
  });
  expect(steps.map(({ name }) => name)).toEqual([
    ...['run count', 'run count #2', 'run count #3', 'attach p', 'trigger open /proc/version'],
    ...['trigger udp to port 53', 'read trace'],
  ]);
});

test('read at the end: maps of programs that are run and of steps; no buffers, no constants', () => {
  const dumps = (scenario: UserScenario) => bind(scenario).dumps.map(({ map: { name } }) => name);
  expect(dumps({ steps: [{ run: 'count' }] })).toEqual(['.bss', 'counts']);
  expect(dumps({ steps: [{ lookup: 'big', key: 1 }] })).toEqual(['big']);
  expect(dumps({ expect: { variables: { hits: 1 } } })).toEqual(['.bss']);
  expect(dumps({ expect: { maps: { limits: [] } } })).toEqual(['limits']);
  expect(dumps({})).toEqual([]);
});

test('a program that calls through a program array needs all programs of its type', () => {
  const { programs, dumps } = bind({ steps: [{ run: 'dispatch' }] });
  expect(programs).toEqual(['count', 'dispatch', 'reached']);
  expect(dumps.map(({ map: { name } }) => name)).toEqual(['.bss', 'counts', 'limits']);
});

test('what is expected is written as it will be shown', () => {
  const { scenario } = bind({
    steps: [{ lookup: 'limits', key: 0, expect: { value: { mode: 2, low: { atMost: 3 } } } }],
    expect: {
      maps: {
        limits: { contains: [{ key: '0x5', value: '0x010241420000' }] },
        routes: [{ key: '10.0.0.0/8', value: /1/ }],
        untyped: [{ key: 1, value: 2 }],
      },
      variables: { hits: 2n ** 63n },
    },
  });
  expect(scenario.steps[0]?.expect).toEqual([{ value: { mode: 'OFF', low: { atMost: 3 } } }]);
  expect(scenario.expect).toEqual([
    {
      maps: {
        limits: { contains: [{ key: 5, value: { low: 1, mode: 'OFF', name: 'AB' } }] },
        routes: [{ key: '10.0.0.0/8', value: /1/ }],
        untyped: [{ key: '0x01000000', value: '0x0200000000000000' }],
      },
      variables: { hits: '9223372036854775808' },
    },
  ]);
});

test('a struct_ops is attached by its map, and needs its functions', () => {
  const object = inspectedObject({
    programs: { init: { type: 'struct_ops' }, other: { type: 'struct_ops' } },
    maps: [map('ops', { type: 'struct_ops', value: struct('tcp_ops', { x: int(8) }) })],
  });
  const named = object.programs.map((program, index) => ({
    ...program,
    attachTo: index === 0 ? 'tcp_ops:init' : 'sched_ops:init',
  }));
  const { steps, programs } = bind({ steps: [{ attach: 'ops' }] }, { ...object, programs: named });
  expect(steps[0]).toMatchObject({ needs: { kind: 'programs', programs: ['init'] } });
  expect(programs).toEqual(['init']);
});

test.each<[UserScenario, string]>([
  [
    { steps: [{ run: 'cuont' }] },
    'steps[0].run: the object has no program cuont. Did you mean count?',
  ],
  [
    { steps: [{ attach: 'count', as: 'p' }, { detach: 'count' }] },
    'steps[1].detach: no step before it attaches count. Known: p.',
  ],
  [
    { steps: [{ detach: 'p' }] },
    'steps[0].detach: no step before it attaches p. Nothing is attached by then.',
  ],
  [
    { steps: [{ attach: 'probe' }, { attach: 'probe' }] },
    'steps[1]: probe is attached already. Give one of them another name: as.',
  ],
  [
    {
      steps: [
        { run: 'count', name: 'a' },
        { run: 'check', name: 'a' },
      ],
    },
    'steps[1].name: steps[0] is named "a" too',
  ],
  [
    { steps: [{ run: 'check', dataOut: true }] },
    'steps[0].run: check is of type lsm, which gives no data out',
  ],
  [
    { steps: [{ lookup: 'conts', key: 1 }] },
    'steps[0].lookup: the object has no map conts. Did you mean counts?',
  ],
  [{ steps: [{ lookup: 'counts' }] }, 'steps[0].key: it is missing (the key in counts)'],
  [{ steps: [{ lookup: 'fifo', key: 1 }] }, 'steps[0].key: a map of type queue has no key'],
  [
    { steps: [{ pop: 'counts' }] },
    'steps[0].pop: a map of type hash cannot pop. Only a queue or a stack can; take a key from another map.',
  ],
  [{ steps: [{ delete: 'fifo', key: 1 }] }, 'steps[0].key: a map of type queue has no key'],
  [
    { steps: [{ lookup: 'events', key: 1 }] },
    'steps[0].lookup: events holds records and no values: read it in a step, { read: … }',
  ],
  [
    { steps: [{ update: 'jumps', key: 1, value: 1 }] },
    'steps[0].update: jumps holds programs: fill it in the object, with .values',
  ],
  [
    { steps: [{ read: 'sockets' }] },
    'steps[0].read: sockets belongs to sockets, tasks, inodes or cgroups, and only programs can read it',
  ],
  [
    { steps: [{ read: 'filter' }] },
    'steps[0].read: filter is a bloom filter, which does not tell what is in it',
  ],
  [
    { steps: [{ update: 'limits', key: 0, value: { low: 300 } }] },
    'steps[0].value.low: 300 does not fit u8 (0 to 255)',
  ],
  [
    { steps: [{ trigger: { run: './nowhere' } }] },
    'steps[0].trigger.run: ./nowhere cannot be read (ENOENT). It is relative to the scenario.',
  ],
  [{ maps: { conts: [] } }, 'maps.conts: the object has no map conts. Did you mean counts?'],
  [
    { maps: { per_cpu: [{ key: 0, value: [] }] } },
    'maps.per_cpu[0].value: a value for each processor, but there is none',
  ],
  [
    { variables: { hit: 1 } },
    'variables.hit: the object has no global variable hit. Did you mean hits?',
  ],
  [{ variables: { threshold: -1 } }, 'variables.threshold: -1 does not fit u32 (0 to 4294967295)'],
  [
    { steps: [{ run: 'count', expect: { retval: 'XDP_PAS' } }] },
    'steps[0].expect[0].retval: a program of type xdp does not return XDP_PAS. Did you mean XDP_PASS?',
  ],
  [
    { steps: [{ run: 'check', expect: { retval: 'EPERM' } }] },
    "steps[0].expect[0].retval: a program of type lsm does not return EPERM. Write a number, or an error such as '-EPERM'.",
  ],
  [
    { steps: [{ lookup: 'counts', key: 1, expect: { retval: 1 } }] },
    'steps[0].expect[0].retval: only a step that runs a program has it',
  ],
  [
    { steps: [{ delete: 'counts', key: 1, expect: { value: 1 } }] },
    'steps[0].expect[0].value: the step reads nothing',
  ],
  [
    { expect: { program: 'cuont', verdict: 'accept' } },
    'expect[0].program: the object has no program cuont. Did you mean count?',
  ],
  [
    { expect: { maps: { conts: [] } } },
    'expect[0].maps.conts: the object has no map conts. Did you mean counts?',
  ],
  [
    { expect: { maps: { '.bss': [] } } },
    'expect[0].maps..bss: .bss holds global variables. Expect them by name: variables.',
  ],
  [
    { expect: { maps: { events: [] } } },
    'expect[0].maps.events: it cannot be read at the end: events holds records and no values: read it in a step, { read: … }',
  ],
  [
    { expect: { maps: { big: [] } } },
    "expect[0].maps.big: it is too large to be read at the end (1000000 entries of 12 bytes; the limit is 4096 entries and 1048576 bytes). Look up single keys in steps: { lookup: 'big', key: … }.",
  ],
  [
    { expect: { maps: { limits: [{ key: 'x' }] } } },
    'expect[0].maps.limits[0].key: expected an integer (u32), got "x"',
  ],
  [
    { expect: { variables: { hit: 1 } } },
    'expect[0].variables.hit: the object has no global variable hit. Did you mean hits?',
  ],
  [
    { expect: { steps: { 'run cuont': { retval: 1 } } }, steps: [{ run: 'count' }] },
    "expect[0].steps['run cuont']: there is no step named run cuont. Did you mean run count?",
  ],
  [
    { compare: { maps: { x: { ignore: 'all', because: 'y' } } } },
    'compare.maps.x: the object has no map x. Known: ',
  ],
])('%j: %s', (scenario, message) => {
  expect(faultOf(scenario)).toContain(message);
});

test('what is wrong with a step does not make its name wrong too', () => {
  const scenario: UserScenario = {
    steps: [{ run: 'cuont', name: 'first' }],
    expect: { steps: { first: { retval: 1 } } },
  };
  expect(faultOf(scenario)).toBe(
    'steps[0].run: the object has no program cuont. Did you mean count?',
  );
});

test('another digest for whatever is another', () => {
  const digests = [
    {},
    { steps: [{ run: 'count' }] },
    { steps: [{ run: 'count', expect: { retval: 1 } }] },
    { steps: [{ run: 'count' }], expect: { program: 'count', reason: /a/ } },
    { steps: [{ run: 'count' }], expect: { program: 'count', reason: /b/ } },
    { stepTimeout: 5 },
  ].map(scenario => bind(scenario).digest);
  expect(new Set(digests).size).toBe(digests.length);
  expect(bind({}).digest).toBe(digests[0]);
});
