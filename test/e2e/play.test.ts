import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WireStep } from '../../harness/agent/play-messages.ts';
import { SharedGuests } from '../support/shared-guests.ts';
import { compileProgram, type Play, perform, runStep } from '../support/stage.ts';

const SERIES = ['5.10', '6.12', '7.3'] as const;
const FOLDER = path.join(import.meta.dirname, 'play');

const guests = new SharedGuests(SERIES);
let runs: Buffer;
let maps: Buffer;

beforeAll(async () => {
  runs = await compileProgram(path.join(FOLDER, 'runs.bpf.c'));
  maps = await compileProgram(path.join(FOLDER, 'maps.bpf.c'));
});
afterAll(() => guests[Symbol.asyncDispose]());

describe.each(SERIES)('Linux %s', series => {
  const play = async (options: Play) => perform(await guests.of(series), options);

  describe('test runs', () => {
    const data = `0102${'00'.repeat(30)}`;
    const playRuns = (program: string, ...steps: WireStep[]) =>
      play({ object: runs, programs: [program], dumps: ['.bss'], steps });

    test('give what a program returns and what it made of the data', async () => {
      const { steps, dumps } = await playRuns(
        'turns',
        runStep('turns', { data, dataOutBytes: 64 }),
        runStep('turns', { data, repeat: 5 }),
        runStep('turns', { data, dataOutBytes: 8 }),
        runStep('turns', { data: '' }),
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
      const { steps } = await playRuns(
        'marks',
        runStep('marks', { data, ctx: ctx.toString('hex') }),
      );
      expect(steps[0]).toMatchObject({ ok: true, retval: 42 });
      expect(steps[0]?.ctxOut?.slice(104, 112)).toBe('55000000');
    });

    test('call a raw tracepoint on a processor', async () => {
      const ctx = '2a00000000000000';
      const { steps } = await playRuns(
        'first_argument',
        runStep('first_argument', { ctx, cpu: 0 }),
        runStep('first_argument', { ctx, cpu: 99 }),
      );
      expect(steps[0]).toMatchObject({ ok: true, retval: 42 });
      expect(steps[1]).toMatchObject({ ok: false, errno: 'ENXIO' });
    });

    test.skipIf(series === '5.10')('call a program that makes system calls', async () => {
      const ctx = `2a${'00'.repeat(15)}`;
      const { steps } = await playRuns('doubles', runStep('doubles', { ctx }));
      const ctxOut = `2a${'00'.repeat(7)}54${'00'.repeat(7)}`;
      expect(steps[0]).toMatchObject({ ok: true, retval: 9, ctxOut });
    });

    test('end when they take too long, and the next step follows', async () => {
      const { steps, kernelLog } = await play({
        ...{ object: runs, programs: ['counts_to_1000', 'turns'], stepTimeoutMs: 300 },
        steps: [
          runStep('counts_to_1000', { data, repeat: 10_000_000 }),
          runStep('turns', { data }),
        ],
      });
      expect(steps[0]).toMatchObject({ ok: false, errno: null });
      expect(steps[0]?.message).toMatch(/^took \S+s, longer than the 300ms that a step may take$/);
      expect(steps[1]).toMatchObject({ ok: true, retval: 3 });
      expect(kernelLog).toEqual([]);
    });

    test.skipIf(series === '5.10')('that nothing interrupts fail too', async () => {
      await using connection = await guests.open(series);
      const { steps } = await perform(connection, {
        ...{ object: runs, programs: ['loops', 'turns'], stepTimeoutMs: 300 },
        variables: [{ section: '.rodata', offset: 0, bytes: '14000000' }],
        steps: [runStep('loops', { data }), runStep('turns', { data })],
      });
      expect(steps[0]).toMatchObject({ ok: false });
      expect(steps[0]?.message).toMatch(/longer than the 300ms|cannot be stopped$/);
      if (steps[0]?.message.endsWith('stopped')) {
        expect(steps[1]?.message).toMatch(/^not carried out, as step 1 \(run\) has not come/);
      } else expect(steps[1]).toMatchObject({ ok: true });
    });
  });

  test('variables have their values before the programs are loaded', async () => {
    const { steps, dumps } = await play({
      ...{ object: maps, programs: ['adds'], dumps: ['.bss', '.data'] },
      variables: [
        { section: '.data', offset: 0, bytes: '02000000' },
        { section: '.rodata', offset: 0, bytes: '04000000' },
      ],
      steps: [runStep('adds', { data: '00'.repeat(20) })],
    });
    expect(steps[0]).toMatchObject({ ok: true, retval: 8 });
    expect(dumps['.bss']?.entries[0]?.values).toEqual(['08000000']);
    expect(dumps['.data']?.entries[0]?.values).toEqual(['02000000']);
  });

  test('what is printed first, on a kernel where nothing was printed yet, is not lost', async () => {
    await using connection = await guests.open(series);
    const { steps } = await perform(connection, {
      ...{ object: maps, programs: ['sends'] },
      steps: [runStep('sends', { data: '00'.repeat(20) }), { kind: 'trace', maxBytes: 1000 }],
    });
    expect(steps[1]).toMatchObject({ ok: true, text: 'record 1\nrecord 2\nrecord 3\n' });
  });

  test('records are received, and what is printed', async () => {
    const send = runStep('sends', { data: '00'.repeat(20) });
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
