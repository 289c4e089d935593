import { createHash } from 'node:crypto';
import { glob, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LoadedProgram, LoadOptions } from '../../harness/agent/agent-session.ts';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import type { Target } from '../../harness/targets/connection.ts';
import { compileProgram, findTargets } from '../support/stage.ts';

const SOURCE = path.join(import.meta.dirname, 'prepared', 'prepared.bpf.c');
/** The constant of which the source's loop takes the lowest byte, as it lies in memory. */
const ROUNDS = Buffer.from('efcdab8967452301', 'hex');
const { signal } = new AbortController();

let object: Buffer;

beforeAll(async () => {
  object = await compileProgram(SOURCE);
});

/** Where the loads of the object are kept, on any kernel. */
async function keptFiles(): Promise<string[]> {
  const digest = createHash('sha256').update(object).digest('hex');
  return Array.fromAsync(
    glob(path.join(cacheRoot(process.env), 'snapshots', '*', 'prepared', digest)),
  );
}

/** Loads the object on a fresh guest, which may be told of it with the greeting. */
async function load(target: Target, { isAhead = false } = {}): Promise<LoadedProgram[]> {
  const options: LoadOptions = { name: 'test', object, logHead: 4096, logTail: 4096 };
  await using connection = await target.open(signal, isAhead ? { first: options } : {});
  const answers = connection.load(options);
  const programs: LoadedProgram[] = [];
  let next = await answers.next();
  for (; !next.done; next = await answers.next()) programs.push(next.value);
  expect(next.value).toMatchObject({ kind: 'loaded', reply: { programs: 2, kernelLog: [] } });
  return programs;
}

/** Answers without what differs each time. */
function withoutTimes(programs: readonly LoadedProgram[]) {
  return programs.map(({ log, loadNs: _loadNs, logBytes: _logBytes, id: _id, ...rest }) => ({
    ...rest,
    log: log.toString().replace(/verification time \d+/, 'verification time'),
  }));
}

async function edit(file: string, change: (bytes: Buffer) => void): Promise<void> {
  const bytes = await readFile(file);
  change(bytes);
  await writeFile(file, bytes);
}

describe.each(['5.10', '6.12', '7.3'])('a load on Linux %s', series => {
  let target: Target;
  let kept: string;
  let first: LoadedProgram[];

  beforeAll(async () => {
    const name = `linux@${series}`;
    target = (await findTargets([name])).get(name) as Target;
    for (const file of await keptFiles()) await rm(file);
    first = await load(target);
    [kept = ''] = await keptFiles();
  });

  test('is kept, and done again with the same answers', async () => {
    expect(first.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['calling', 'accept'],
      ['looping', 'accept'],
    ]);
    const before = await readFile(kept);
    expect(before.indexOf(ROUNDS)).toBeGreaterThan(0);
    expect(withoutTimes(await load(target))).toEqual(withoutTimes(first));
    expect(withoutTimes(await load(target, { isAhead: true }))).toEqual(withoutTimes(first));
    expect(await readFile(kept)).toEqual(before);
  });

  test('has the kernel answer anew', async () => {
    const insns = first[1]?.insns ?? 0;
    await edit(kept, bytes => bytes.writeUInt8(0x10, bytes.indexOf(ROUNDS)));
    const [, looping] = await load(target);
    // 0xef rounds before, 0x10 now.
    expect(insns).toBeGreaterThan(0xef * 3);
    expect(looping?.insns).toBeLessThan(insns / 10);
    expect(looping?.insns).toBeGreaterThan(0x10 * 3);
    await edit(kept, bytes => ROUNDS.copy(bytes, bytes.indexOf(ROUNDS.subarray(1)) - 1));
    expect(withoutTimes(await load(target))).toEqual(withoutTimes(first));
  });

  test('that goes otherwise is done as the first time, and not kept', async () => {
    // The kernel knows no such instruction.
    await edit(kept, bytes => bytes.fill(0xff, bytes.length - 400, bytes.length - 300));
    expect(withoutTimes(await load(target, { isAhead: true }))).toEqual(withoutTimes(first));
    expect(await readFile(kept)).toHaveLength(0);
    expect(withoutTimes(await load(target))).toEqual(withoutTimes(first));
  });
});
