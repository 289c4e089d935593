import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { TriggerEvent } from '../../harness/agent/play-messages.ts';
import type { Connection, Target } from '../../harness/targets/connection.ts';
import { SpareGuests } from '../../harness/targets/spare-guests.ts';
import { ownGuests } from '../support/processes.ts';
import { compileProgram, findTargets, perform } from '../support/stage.ts';

const SERIES = ['5.10', '6.12', '7.3'] as const;
const FOLDER = path.join(import.meta.dirname, 'rewind');
const HOOKS = path.join(import.meta.dirname, 'play', 'hooks.bpf.c');
/** A guest that has run for this long is not kept. */
const FAR_MS = 9000;
const OPEN: TriggerEvent = { what: 'open', path: '/proc/version', maxBytes: 20 };
const { signal } = new AbortController();

let spares = new SpareGuests();
let targets: ReadonlyMap<string, Target>;
let iterators: Buffer;
let hooks: Buffer;

beforeAll(async () => {
  iterators = await compileProgram(path.join(FOLDER, 'iterators.bpf.c'));
  hooks = await compileProgram(HOOKS);
});

afterEach(async () => {
  await spares[Symbol.asyncDispose]();
});

async function targetOf(series: string): Promise<Target> {
  spares = new SpareGuests();
  targets = await findTargets([`linux@${series}`], { spares });
  const target = targets.get(`linux@${series}`);
  if (target === undefined) throw new Error(`no target linux@${series}`);
  return target;
}

/** Opens a connection, uses it, and closes it. */
async function use<T>(target: Target, task: (connection: Connection) => Promise<T>): Promise<T> {
  await using connection = await target.open(signal);
  return await task(connection);
}

/** The ids of all maps in the kernel, by a program that is loaded for it. */
async function listMaps(connection: Connection): Promise<string> {
  return readIterator(connection, 'list_maps');
}

/** For how many milliseconds the kernel has run, by its own clock. */
async function readClock(connection: Connection): Promise<number> {
  return Number(await readIterator(connection, 'tell_time'));
}

/** What an iterator's program writes. */
async function readIterator(connection: Connection, program: string): Promise<string> {
  const { steps, failure } = await perform(connection, {
    ...{ object: iterators, programs: [program] },
    steps: [
      { kind: 'attach', program, as: 'it', target: null },
      { kind: 'text', as: 'it', maxBytes: 10_000 },
    ],
  });
  expect(failure).toBe('');
  expect(steps.map(({ message }) => message)).toEqual(['', '']);
  return steps[1]?.text ?? '';
}

/** How often a function is entered while a file is opened, with a program at it and then without. */
async function traceOpen(connection: Connection, program: string): Promise<string> {
  const { steps, dumps } = await perform(connection, {
    ...{ object: hooks, programs: [program], dumps: ['.bss'] },
    steps: [
      { kind: 'attach', program, as: 'it', target: null },
      { kind: 'trigger', event: OPEN },
      { kind: 'detach', as: 'it' },
      { kind: 'trigger', event: OPEN },
    ],
  });
  return JSON.stringify([steps.map(({ ok, message }) => [ok, message]), dumps['.bss']?.entries]);
}

describe.each(SERIES)('on Linux %s', series => {
  test('a guest that was used is as its snapshot again, in the same QEMU', async () => {
    const target = await targetOf(series);
    const first = await use(target, listMaps);
    const [pid] = ownGuests();
    expect(first).toMatch(/^\d+$/m);
    expect(await use(target, listMaps)).toBe(first);
    expect(await use(target, listMaps)).toBe(first);
    expect(ownGuests()).toEqual([pid]);
  });

  test('what a guest has done is seen without rewinding it', async () => {
    const target = await targetOf(series);
    await use(target, async connection => {
      expect(await listMaps(connection)).not.toBe(await listMaps(connection));
    });
  });

  test('code that a guest has patched is as before: probes count the same each time', async () => {
    const target = await targetOf(series);
    for (const program of ['on_fentry', 'on_kprobe']) {
      const fresh = await use(target, connection => traceOpen(connection, program));
      for (const other of ['on_fexit', program, 'on_kretprobe', program]) {
        const again = await use(target, connection => traceOpen(connection, other));
        if (other === program) expect(again).toBe(fresh);
      }
    }
    expect(ownGuests()).toHaveLength(1);
  });
});

test('the clock of a guest that is used again has not gone far, however long others ran', async () => {
  const target = await targetOf('6.12');
  const first = await use(target, readClock);
  for (const ms of [FAR_MS, FAR_MS / 3, FAR_MS / 3, FAR_MS / 3]) {
    await use(target, () => sleep(ms));
    expect((await use(target, readClock)) - first).toBeLessThan(FAR_MS);
  }
});

test('a waiting guest that is gone is replaced by another one', async () => {
  const target = await targetOf('6.12');
  const first = await use(target, listMaps);
  const [pid = 0] = ownGuests();
  process.kill(pid, 'SIGKILL');
  expect(await use(target, listMaps)).toBe(first);
  expect(ownGuests()).toHaveLength(1);
  expect(ownGuests()).not.toContain(pid);
});

test('a guest whose work was broken off is ended, not used again', async () => {
  const target = await targetOf('6.12');
  await using connection = await target.open(signal);
  const [pid] = ownGuests();
  const load = connection.load({ name: 'x', object: iterators, logHead: 0, logTail: 0 });
  const answer = load.next().catch(() => undefined);
  await connection[Symbol.asyncDispose]();
  await answer;
  await use(target, listMaps);
  expect(ownGuests()).not.toContain(pid);
});

test('no guest is left once those that wait are ended', async () => {
  const target = await targetOf('6.12');
  await use(target, listMaps);
  expect(ownGuests()).toHaveLength(1);
  await spares[Symbol.asyncDispose]();
  expect(ownGuests()).toEqual([]);
});
