import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WireStep } from '../../harness/agent/play-messages.ts';
import { SharedGuests } from '../support/shared-guests.ts';
import { compileProgram, type Play, perform, runStep } from '../support/stage.ts';

const SERIES = ['5.10', '6.12', '7.3'] as const;
const FOLDER = path.join(import.meta.dirname, 'play');

const guests = new SharedGuests(SERIES);
let maps: Buffer;

beforeAll(async () => {
  maps = await compileProgram(path.join(FOLDER, 'maps.bpf.c'));
});
afterAll(() => guests[Symbol.asyncDispose]());

describe.each(SERIES)('maps of Linux %s', series => {
  const play = async (options: Play) => perform(await guests.of(series), options);
  const playMaps = (...steps: WireStep[]) => play({ object: maps, steps });

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
    const entriesOf = (map: string) => dumps[map]?.entries.map(({ key, values: [v] }) => [key, v]);
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
        runStep(program, { data: '00'.repeat(20) }),
      ),
    });
    expect(steps.map(({ retval, message }) => retval ?? message)).toEqual([
      ...[77, 1, 77, 'the scenario has not loaded a program "left_out"'],
    ]);
  });
});
