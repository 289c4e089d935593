import { expect, test } from 'vitest';
import type { UserScenario } from '../../harness/scenarios/scenario-schema.ts';
import { bind } from '../support/bound-scenario.ts';
import { inspectedObject, int, map, struct } from '../support/object-builder.ts';

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
