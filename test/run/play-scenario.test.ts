import { expect, test } from 'vitest';
import { NO_NETWORK } from '../../harness/run/step-observation.ts';
import { rejected, unsupported } from '../support/fixture-builder.ts';
import { type PlayScript, play } from '../support/play-script.ts';

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
  const names = async (script: PlayScript) =>
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
    { end: { failure: 'load the programs together: map counts: no memory', errno: 'ENOMEM' } },
  );
  const message = 'not carried out: load the programs together: map counts: no memory';
  expect(steps).toMatchObject([
    { status: 'failed', errno: 'ENOMEM', message },
    { status: 'failed', errno: 'ENOMEM', message },
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
