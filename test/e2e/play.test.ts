import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WireStep } from '../../harness/agent/play-messages.ts';
import type { Connection, Target } from '../../harness/targets/connection.ts';
import { compileProgram, findTargets, type Play, perform } from '../support/stage.ts';

const SERIES = ['5.10', '6.12', '7.3'] as const;
type Series = (typeof SERIES)[number];

const FOLDER = path.join(import.meta.dirname, 'play');

const connections = new Map<Series, Connection>();
let targets: ReadonlyMap<string, Target>;
let runs: Buffer;
let maps: Buffer;

beforeAll(async () => {
  targets = await findTargets(SERIES.map(series => `linux@${series}`));
  runs = await compileProgram(path.join(FOLDER, 'runs.bpf.c'));
  maps = await compileProgram(path.join(FOLDER, 'maps.bpf.c'));
});

afterAll(async () => {
  for (const connection of connections.values()) await connection[Symbol.asyncDispose]();
});

async function guestOf(series: Series): Promise<Connection> {
  const there = connections.get(series);
  if (there !== undefined) return there;
  const opened = await openGuest(series);
  connections.set(series, opened);
  return opened;
}

async function openGuest(series: Series): Promise<Connection> {
  const target = targets.get(`linux@${series}`);
  if (target === undefined) throw new Error(`no target linux@${series}`);
  return target.open(new AbortController().signal);
}

type RunStep = Extract<WireStep, { kind: 'run' }>;

function run(program: string, rest: Partial<RunStep> = {}): RunStep {
  const none = { data: null, ctx: null, repeat: 1, cpu: null, dataOutBytes: 0 };
  return { kind: 'run', program, ...none, ...rest };
}

describe.each(SERIES)('Linux %s', series => {
  const play = async (options: Play) => perform(await guestOf(series), options);
  const playMaps = (...steps: WireStep[]) => play({ object: maps, steps });

  describe('test runs', () => {
    const data = `0102${'00'.repeat(30)}`;
    const playRuns = (program: string, ...steps: WireStep[]) =>
      play({ object: runs, programs: [program], dumps: ['.bss'], steps });

    test('give what a program returns and what it made of the data', async () => {
      const { steps, dumps } = await playRuns(
        'turns',
        run('turns', { data, dataOutBytes: 64 }),
        run('turns', { data, repeat: 5 }),
        run('turns', { data, dataOutBytes: 8 }),
        run('turns', { data: '' }),
      );
      expect(steps[0]).toMatchObject({ ok: true, retval: 3, dataOut: `0201${'00'.repeat(28)}` });
      expect(steps[1]).toMatchObject({ ok: true });
      expect(steps[1]).not.toHaveProperty('dataOut');
      expect(steps[2]).toMatchObject({ ok: false, errno: 'ENOSPC', retval: 3 });
      const empty = series === '5.10' ? { ok: true, retval: 0 } : { ok: false, errno: 'EINVAL' };
      expect(steps[3]).toMatchObject(empty);
      expect(dumps['.bss']?.entries).toEqual([{ key: null, values: ['07000000'] }]);
    });

    test('give a context and take it back', async () => {
      /** `cb` is at offset 48 of struct __sk_buff. */
      const ctx = Buffer.alloc(68);
      ctx.writeUInt32LE(42, 48);
      const { steps } = await playRuns('marks', run('marks', { data, ctx: ctx.toString('hex') }));
      expect(steps[0]).toMatchObject({ ok: true, retval: 42 });
      expect(steps[0]?.ctxOut?.slice(104, 112)).toBe('55000000');
    });

    test('call a raw tracepoint on a processor', async () => {
      const ctx = '2a00000000000000';
      const { steps } = await playRuns(
        'first_argument',
        run('first_argument', { ctx, cpu: 0 }),
        run('first_argument', { ctx, cpu: 99 }),
      );
      expect(steps[0]).toMatchObject({ ok: true, retval: 42 });
      expect(steps[1]).toMatchObject({ ok: false, errno: 'ENXIO' });
    });

    test.skipIf(series === '5.10')('call a program that makes system calls', async () => {
      const ctx = `2a${'00'.repeat(15)}`;
      const { steps } = await playRuns('doubles', run('doubles', { ctx }));
      const ctxOut = `2a${'00'.repeat(7)}54${'00'.repeat(7)}`;
      expect(steps[0]).toMatchObject({ ok: true, retval: 9, ctxOut });
    });

    test('end when they take too long, and the next step follows', async () => {
      const { steps, kernelLog } = await play({
        ...{ object: runs, programs: ['counts_to_1000', 'turns'], stepTimeoutMs: 300 },
        steps: [run('counts_to_1000', { data, repeat: 10_000_000 }), run('turns', { data })],
      });
      expect(steps[0]).toMatchObject({ ok: false, errno: null });
      expect(steps[0]?.message).toMatch(/^took \S+s, longer than the 300ms that a step may take$/);
      expect(steps[1]).toMatchObject({ ok: true, retval: 3 });
      expect(kernelLog).toEqual([]);
    });

    test.skipIf(series === '5.10')('that nothing interrupts fail too', async () => {
      await using connection = await openGuest(series);
      const { steps } = await perform(connection, {
        ...{ object: runs, programs: ['loops', 'turns'], stepTimeoutMs: 300 },
        variables: [{ section: '.rodata', offset: 0, bytes: '14000000' }],
        steps: [run('loops', { data }), run('turns', { data })],
      });
      expect(steps[0]).toMatchObject({ ok: false });
      expect(steps[0]?.message).toMatch(/longer than the 300ms|cannot be stopped$/);
      if (steps[0]?.message.endsWith('stopped')) {
        expect(steps[1]?.message).toMatch(/^not carried out, as step 1 \(run\) has not come/);
      } else expect(steps[1]).toMatchObject({ ok: true });
    });
  });

  describe('maps', () => {
    test('take and give entries, and say what they refuse', async () => {
      const value = '0700000000000000';
      const { steps } = await playMaps(
        { kind: 'update', map: 'hash', key: '01000000', values: [value] },
        { kind: 'update', map: 'hash', key: '01000000', values: [value], flags: 1 },
        { kind: 'update', map: 'hash', key: '02000000', values: [value], flags: 2 },
        { kind: 'update', map: 'hash', key: '02000000', values: [value] },
        { kind: 'update', map: 'hash', key: '03000000', values: [value] },
        { kind: 'lookup', map: 'hash', key: '01000000' },
        { kind: 'lookup', map: 'hash', key: '09000000' },
        { kind: 'delete', map: 'hash', key: '01000000' },
        { kind: 'delete', map: 'hash', key: '01000000' },
        { kind: 'delete', map: 'array', key: '00000000' },
        { kind: 'update', map: 'hash', key: '0100', values: [value] },
        { kind: 'update', map: 'hash', key: '01000000', values: ['07'] },
        { kind: 'lookup', map: 'nothing', key: '00' },
      );
      const entries = [{ key: '01000000', values: [value] }];
      expect(steps[5]).toMatchObject({ ok: true, entries });
      expect(steps.map(({ errno, message }) => errno ?? message)).toEqual([
        ...['', 'EEXIST', 'ENOENT', '', 'E2BIG', '', 'ENOENT', '', 'ENOENT', 'EINVAL'],
        'the key has 2 bytes, but keys of hash have 4',
        'the value has 1 bytes, but values of hash have 8',
        'the object has no map "nothing"',
      ]);
      expect(steps[4]?.message).toMatch(/^update hash: the map is full/);
    });

    test('of an element for each processor take one value for all', async () => {
      const { steps } = await playMaps(
        { kind: 'update', map: 'percpu', key: '00000000', values: ['07000000'] },
        { kind: 'lookup', map: 'percpu', key: '00000000' },
        { kind: 'update', map: 'percpu', key: '00000000', values: Array(99).fill('07000000') },
      );
      expect(steps[1]?.entries?.[0]?.values.every(value => value === '07000000')).toBe(true);
      expect(steps[2]?.message).toMatch(/^there are 99 values, but percpu takes \d+$/);
    });

    test('without keys are pushed and popped', async () => {
      const push = (map: string, value: string): WireStep => {
        return { kind: 'update', map, key: null, values: [value] };
      };
      const pop = (map: string): WireStep => ({ kind: 'lookup-delete', map, key: null });
      const look: WireStep = { kind: 'lookup', map: 'queue', key: null };
      const { steps } = await playMaps(
        ...[push('queue', '01000000'), push('queue', '02000000'), push('queue', '03000000')],
        ...[pop('queue'), look, pop('queue'), pop('queue')],
        ...[push('stack', '01000000'), push('stack', '02000000'), pop('stack')],
      );
      const popped = steps.map(({ errno, entries }) => entries?.[0]?.values[0] ?? errno);
      expect(popped).toEqual([
        ...[null, null, 'E2BIG', '01000000', '02000000', '02000000', 'ENOENT'],
        ...[null, null, '02000000'],
      ]);
    });

    test('are read whole, in the order of their keys', async () => {
      const update = (map: string, key: string, value: string): WireStep => ({
        ...{ kind: 'update', map, key, values: [value] },
      });
      const { dumps } = await play({
        object: maps,
        dumps: ['array', 'lru', 'routes', '.data', 'percpu'],
        steps: [
          ...[update('array', '01000000', '0700'), update('lru', '0200', '0b')],
          ...[update('lru', '0100', '0a'), update('routes', '080000000a000000', '01000000')],
        ],
      });
      const entriesOf = (map: string) =>
        dumps[map]?.entries.map(({ key, values: [v] }) => [key, v]);
      expect(entriesOf('array')).toEqual([
        ...[
          ['00000000', '0000'],
          ['01000000', '0700'],
        ],
      ]);
      expect(entriesOf('lru')).toEqual([
        ...[
          ['0100', '0a'],
          ['0200', '0b'],
        ],
      ]);
      expect(entriesOf('routes')).toEqual([['080000000a000000', '01000000']]);
      expect(entriesOf('.data')).toEqual([[null, '05000000']]);
    });

    test('that cannot be read say why', async () => {
      const unreadable = ['queue', 'ring', 'owned', 'outside', 'programs', 'events', 'large'];
      const { dumps } = await play({
        ...{ object: maps, dumps: [...unreadable, 'wide', 'nothing'] },
        steps: [0, 1, 2, 3].map(key => ({
          ...{ kind: 'update', map: 'wide', key: `0${key}000000`, values: ['00'.repeat(6000)] },
        })),
      });
      expect(Object.values(dumps).map(({ message }) => message)).toEqual([
        'queue of type queue cannot be read: its values are there only to be popped',
        'ring of type ringbuf cannot be read: its records are there only to be received',
        'owned of type sk_storage cannot be read: it holds what belongs to a socket',
        'outside of type array_of_maps cannot be read: it holds maps',
        'programs of type prog_array cannot be read: it holds programs',
        'events of type perf_event_array cannot be read: it holds perf events',
        'large has 100000 entries, more than the 1000 that are read of a map',
        'wide has more than the 20000 bytes that are read of a map',
        'the object has no map "nothing"',
      ]);
    });

    test('of programs hold those that are loaded', async () => {
      const { steps } = await play({
        ...{ object: maps, programs: ['calls_first', 'calls_second', 'called'] },
        steps: ['calls_first', 'calls_second', 'called', 'left_out'].map(program =>
          run(program, { data: '00'.repeat(20) }),
        ),
      });
      expect(steps.map(({ retval, message }) => retval ?? message)).toEqual([
        ...[77, 1, 77, 'the scenario has not loaded a program "left_out"'],
      ]);
    });
  });

  test('variables have their values before the programs are loaded', async () => {
    const { steps, dumps } = await play({
      ...{ object: maps, programs: ['adds'], dumps: ['.bss', '.data'] },
      variables: [
        { section: '.data', offset: 0, bytes: '02000000' },
        { section: '.rodata', offset: 0, bytes: '04000000' },
      ],
      steps: [run('adds', { data: '00'.repeat(20) })],
    });
    expect(steps[0]).toMatchObject({ ok: true, retval: 8 });
    expect(dumps['.bss']?.entries[0]?.values).toEqual(['08000000']);
    expect(dumps['.data']?.entries[0]?.values).toEqual(['02000000']);
  });

  test('what is printed first, on a kernel where nothing was printed yet, is not lost', async () => {
    await using connection = await openGuest(series);
    const { steps } = await perform(connection, {
      ...{ object: maps, programs: ['sends'] },
      steps: [run('sends', { data: '00'.repeat(20) }), { kind: 'trace', maxBytes: 1000 }],
    });
    expect(steps[1]).toMatchObject({ ok: true, text: 'record 1\nrecord 2\nrecord 3\n' });
  });

  test('records are received, and what is printed', async () => {
    const send = run('sends', { data: '00'.repeat(20) });
    const { steps } = await play({
      ...{ object: maps, programs: ['sends'] },
      steps: [
        ...[send, { kind: 'records', map: 'ring', max: 2 }, send],
        ...[
          { kind: 'records', map: 'ring', max: 10 },
          { kind: 'records', map: 'events', max: 10 },
        ],
        ...[
          { kind: 'records', map: 'ring', max: 10 },
          { kind: 'records', map: 'hash', max: 10 },
        ],
        ...[
          { kind: 'trace', maxBytes: 10 },
          { kind: 'trace', maxBytes: 1000 },
        ],
      ] as WireStep[],
    });
    const [one, two, three] = ['01000000', '02000000', '03000000'];
    expect(steps[1]).toMatchObject({ ok: true, records: [one, two], truncated: true });
    const rest = [three, one, two, three];
    expect(steps[3]).toMatchObject({ ok: true, records: rest, truncated: false, lost: 0 });
    expect(steps[4]).toMatchObject({ ok: true, records: [one, two, three, one, two, three] });
    expect(steps[5]).toMatchObject({ ok: true, records: [] });
    const refused = 'hash of type hash is no ring buffer and no perf buffer';
    expect(steps[6]).toMatchObject({ ok: false, message: refused });
    expect(steps[7]).toMatchObject({ ok: true, text: 'record 1\n', truncated: true });
    const lines = [2, 3, 1, 2, 3].map(number => `record ${number}\n`);
    expect(steps[8]).toMatchObject({ ok: true, text: lines.join(''), truncated: false });
  });
});
