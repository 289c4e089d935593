import { expect, test } from 'vitest';
import type { PlayOptions } from '../../harness/agent/agent-session.ts';
import type { DumpReply, PlayedReply, StepReply } from '../../harness/agent/play-messages.ts';
import { CrossbpfError } from '../../harness/crossbpf-error.ts';
import type { ProgramObservation } from '../../harness/run/observation.ts';
import { type PlayProgress, playScenario } from '../../harness/run/play-scenario.ts';
import { NO_NETWORK } from '../../harness/run/step-observation.ts';
import { bindScenario } from '../../harness/scenarios/bind-scenario.ts';
import { scenarioSchema, type UserScenario } from '../../harness/scenarios/scenario-schema.ts';
import type { Connection } from '../../harness/targets/connection.ts';
import { accepted, fixture, rejected, unsupported } from '../support/fixture-builder.ts';
import { inspectedObject, int, map, struct } from '../support/object-builder.ts';
import { FACTS } from '../support/scripted-target.ts';

const INSPECTED = inspectedObject({
  programs: {
    count: { maps: ['counts', '.bss'] },
    drop: { maps: ['drops'] },
    probe: { type: 'kprobe', maps: ['seen'] },
  },
  maps: [
    map('counts'),
    map('drops'),
    map('seen'),
    map('per_cpu', { type: 'percpu_array' }),
    map('prefixes', { type: 'lpm_trie', key: struct('prefix', { length: int(4), data: int(4) }) }),
    map('events', { type: 'ringbuf', value: struct('event', { pid: int(4) }) }),
  ],
  variables: { hits: int(8), limit: int(4) },
});

interface Script {
  /** By index of the step that was sent. */
  readonly steps?: Readonly<Record<number, Partial<StepReply>>>;
  readonly dumps?: Readonly<Record<string, Partial<DumpReply>>>;
  readonly end?: Partial<PlayedReply>;
  /** By index of the step before whose answer the target is lost. */
  readonly lostAt?: number;
}

/** Plays a scenario on a connection that answers by a script; `asked` is what was sent. */
async function play(
  scenario: UserScenario,
  script: Script = {},
  verdicts: Readonly<Record<string, ProgramObservation>> = {},
) {
  const read = { scenario: scenarioSchema.parse(scenario), text: '', file: 'f', inputs: [] };
  const { bound } = bindScenario(read, INSPECTED, '/');
  let asked: PlayOptions | undefined;
  const connection = {
    facts: FACTS,
    async *play(options: PlayOptions): AsyncGenerator<StepReply | DumpReply, PlayedReply> {
      asked = options;
      const end: PlayedReply = { type: 'played', id: 1, failure: '', kernelLog: [], ...script.end };
      if (end.failure !== '') return end;
      for (const index of options.steps.keys()) {
        if (index === script.lostAt) throw new CrossbpfError({ code: 'INFRA_X', message: 'lost' });
        const ok = { ok: true, errno: null, message: '', ...script.steps?.[index] };
        yield { type: 'step', id: 1, index, ...ok };
      }
      for (const name of options.dumps) {
        const ok = { ok: true, errno: null, message: '', entries: [], ...script.dumps?.[name] };
        yield { type: 'dump', id: 1, map: name, ...ok };
      }
      return end;
    },
  } as unknown as Connection;
  const programs = { count: accepted(), drop: accepted(), probe: accepted(), ...verdicts };
  const played = { ...fixture('f', []), inspected: INSPECTED, scenario: bound };
  const progress: PlayProgress = { awaited: null };
  try {
    const observed = await playScenario(played, connection, { programs, progress });
    return { ...observed, asked, progress };
  } catch (thrown) {
    if (!(thrown instanceof CrossbpfError) || script.lostAt === undefined) throw thrown;
    return { steps: [], maps: {}, asked, progress };
  }
}

const hex = (value: number, bytes = 8) => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, Math.min(bytes, 6));
  return buffer.toString('hex');
};

test('what is asked of the agent', async () => {
  const { asked } = await play({
    variables: { limit: 3 },
    maps: { counts: [{ key: 1, value: 2 }] },
    steps: [{ run: 'count' }],
    stepTimeout: 0.5,
  });
  expect(asked).toMatchObject({
    ...{ name: 'f', programs: ['count'], dumps: ['.bss', 'counts'], files: [] },
    ...{ stepTimeoutMs: 500, dumpEntries: 4096, dumpBytes: 1024 * 1024 },
    variables: [{ section: '.bss', offset: 8, bytes: '03000000' }],
    steps: [
      { kind: 'update', map: 'counts', key: '01000000', values: [hex(2)] },
      { kind: 'run', program: 'count' },
    ],
  });
});

test('a run: the return value by name, and the data', async () => {
  const { steps } = await play(
    { steps: [{ run: 'count', data: '0x01' }] },
    { steps: { 0: { retval: 1, dataOut: 'ab', runNs: 7 } } },
  );
  expect(steps).toEqual([
    {
      ...{
        name: 'run count',
        kind: 'run',
        subject: 'count',
        status: 'ok',
        errno: null,
        message: '',
      },
      ...{ retval: 1, retvalName: 'XDP_DROP', dataOut: '0xab', value: null, runNs: 7 },
    },
  ]);
});

test('values by their types', async () => {
  const { steps } = await play(
    {
      steps: [
        { read: 'counts' },
        { lookup: 'counts', key: 1 },
        { lookup: 'per_cpu', key: 0 },
        { read: 'prefixes' },
        { read: 'events' },
        { read: 'events', recordBytes: 2 },
        { read: { trace: true } },
        { trigger: { udp: { port: 1 } } },
        { trigger: { exec: true } },
      ],
    },
    {
      steps: {
        0: { entries: [{ key: '02000000', values: [hex(5)] }] },
        1: { entries: [{ key: null, values: [hex(6)] }] },
        2: { entries: [{ key: null, values: [hex(1), hex(2)] }] },
        3: { entries: [{ key: '080000000a000000', values: [hex(1)] }] },
        4: { records: ['0700000000000000', '08'] },
        5: { records: ['0700'] },
        6: { text: 'a\nb\n' },
        7: { received: 3 },
        8: { text: '' },
      },
    },
  );
  expect(steps.map(({ value }) => value)).toEqual([
    ...[[{ key: 2, value: 5 }], 6, [1, 2], [{ key: '10.0.0.0/8', value: 1 }]],
    ...[[{ pid: 7 }, '0x08'], ['0x0700'], ['a', 'b'], { received: 3 }, null],
  ]);
});

test('a step that fails is an observation with its error', async () => {
  const { steps } = await play(
    { steps: [{ update: 'counts', key: 1, value: 1 }, { run: 'probe' }] },
    {
      steps: {
        0: { ok: false, errno: 'E2BIG', message: 'update counts: argument list too long' },
        1: { ok: false, errno: 'ENOTSUPP', message: 'run probe: errno 524' },
      },
    },
  );
  expect(steps).toMatchObject([
    { status: 'failed', errno: 'E2BIG', message: 'update counts: argument list too long' },
    {
      ...{ status: 'failed', errno: 'ENOTSUPP' },
      message:
        'this kernel cannot run a program of type kprobe by itself: attach it, and trigger it',
    },
  ]);
});

test('records that were lost are told', async () => {
  const { steps } = await play(
    { steps: [{ read: 'events' }] },
    { steps: { 0: { records: [], lost: 2 } } },
  );
  expect(steps[0]).toMatchObject({
    status: 'ok',
    message: '2 records did not fit into the buffer',
  });
});

test('what filled a map is told only where it failed', async () => {
  const scenario = { maps: { counts: [{ key: 1, value: 1 }] }, steps: [{ run: 'count' }] };
  const names = async (script: Script) =>
    (await play(scenario, script)).steps.map(({ name }) => name);
  expect(await names({})).toEqual(['run count']);
  expect(await names({ steps: { 0: { ok: false, errno: 'E2BIG' } } })).toEqual([
    ...['seed counts[0]', 'run count'],
  ]);
});

test('maps at the end, variables by name', async () => {
  const { maps } = await play(
    { steps: [{ run: 'count' }, { lookup: 'drops', key: 1 }] },
    {
      dumps: {
        '.bss': { entries: [{ key: null, values: [`${hex(9)}05000000`] }] },
        counts: { entries: [{ key: '01000000', values: [hex(4)] }] },
        drops: { ok: false, message: 'drops has 5000 entries, more than the 4096 that are read' },
      },
    },
  );
  expect(maps).toEqual({
    '.bss': { kind: 'entries', entries: [{ key: null, value: { hits: 9, limit: 5 } }] },
    counts: { kind: 'entries', entries: [{ key: 1, value: 4 }] },
    drops: {
      kind: 'unreadable',
      message: 'drops has 5000 entries, more than the 4096 that are read',
    },
  });
});

test('what needs a program that was not accepted is left out', async () => {
  const { steps, maps, asked } = await play(
    {
      maps: { seen: [{ key: 1, value: 1 }] },
      steps: [
        { run: 'count' },
        { run: 'drop' },
        { attach: 'probe', as: 'p' },
        { lookup: 'seen', key: 1 },
        { lookup: 'counts', key: 1 },
        { detach: 'p' },
        { trigger: { exec: true } },
      ],
    },
    {},
    { drop: rejected('invalid access'), probe: unsupported('no kprobe') },
  );
  expect(steps.map(({ name, status, message }) => [name, status, message])).toEqual([
    ['run count', 'ok', ''],
    ['run drop', 'skipped', 'program drop was rejected'],
    ['attach p', 'skipped', 'program probe was not supported'],
    [
      ...['lookup seen', 'skipped'],
      'program probe was not supported, and no other program uses seen',
    ],
    ['lookup counts', 'ok', ''],
    ['detach p', 'skipped', 'p was not attached'],
    ['trigger exec', 'ok', ''],
  ]);
  expect(asked).toMatchObject({ programs: ['count'], dumps: ['.bss', 'counts'] });
  expect(asked?.steps.map(({ kind }) => kind)).toEqual(['run', 'lookup', 'trigger']);
  expect(Object.keys(maps)).toEqual(['.bss', 'counts']);
});

test('where nothing is left, the agent is not asked', async () => {
  const { steps, asked } = await play({ steps: [{ run: 'drop' }] }, {}, { drop: rejected('no') });
  expect(steps.map(({ status }) => status)).toEqual(['skipped']);
  expect(asked).toBeUndefined();
});

test('what could not be attached is not detached either, and that is told once', async () => {
  const failure = { ok: false, errno: 'EINVAL', message: 'no' };
  const { steps } = await play(
    { steps: [{ attach: 'count' }, { detach: 'count' }, { attach: 'count' }, { detach: 'count' }] },
    { steps: { 0: failure, 1: { ...failure, message: 'there is no attachment' } } },
  );
  expect(steps).toMatchObject([
    { status: 'failed', errno: 'EINVAL' },
    { status: 'skipped', message: 'count could not be attached' },
    { status: 'ok' },
    { status: 'ok' },
  ]);
});

test('a kernel without veth is told in words that a report can explain once', async () => {
  const message =
    'attach count: make a network: make a pair of interfaces (veth): operation not supported';
  const { steps } = await play(
    { steps: [{ attach: 'count' }] },
    { steps: { 0: { ok: false, errno: 'EOPNOTSUPP', message } } },
  );
  expect(steps).toMatchObject([{ status: 'failed', errno: 'EOPNOTSUPP', message: NO_NETWORK }]);
});

test('programs that cannot be loaded together: every step failed, no map can be read', async () => {
  const { steps, maps } = await play(
    { steps: [{ run: 'count' }, { run: 'drop' }] },
    { end: { failure: 'load the programs together: map counts: no memory' } },
  );
  const message = 'not carried out: load the programs together: map counts: no memory';
  expect(steps).toMatchObject([
    { status: 'failed', message },
    { status: 'failed', message },
  ]);
  expect(maps).toMatchObject({ counts: { kind: 'unreadable', message } });
});

test.each([
  [0, 'step run count'],
  [2, 'step run drop'],
])('a target that is lost at step %i: it is known which one', async (lostAt, awaited) => {
  const steps = [{ run: 'count' }, { run: 'count' }, { run: 'drop' }];
  expect((await play({ steps }, { lostAt })).progress).toEqual({ awaited });
});

test('nothing is awaited when all is said', async () => {
  expect((await play({ steps: [{ run: 'count' }] })).progress).toEqual({ awaited: null });
});
