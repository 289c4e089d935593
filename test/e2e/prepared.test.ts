import { rm } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LoadedProgram } from '../../harness/agent/agent-session.ts';
import { formFor } from '../../harness/fixtures/fixture.ts';
import { readCachedBytes, writeCachedBytes } from '../../harness/storage/cached-bytes.ts';
import type { Target } from '../../harness/targets/connection.ts';
import { SpareGuests } from '../../harness/targets/spare-guests.ts';
import { keptFile, keptFiles, loadFresh, withoutTimes } from '../support/kept-loads.ts';
import { compileProgram, findTargets } from '../support/stage.ts';
import { suiteFixtures } from '../support/suite.ts';

const SOURCE = path.join(import.meta.dirname, 'prepared', 'prepared.bpf.c');
/** The constant of which the source's loop takes the lowest byte, as it lies in memory. */
const ROUNDS = Buffer.from('efcdab8967452301', 'hex');
let object: Buffer;

beforeAll(async () => {
  object = await compileProgram(SOURCE);
});

async function findTarget(series: string, spares?: SpareGuests): Promise<Target> {
  const name = `linux@${series}`;
  return (await findTargets([name], spares && { spares })).get(name) as Target;
}

async function contentsOf(file: string): Promise<Buffer> {
  const bytes = await readCachedBytes(file);
  if (bytes === undefined) throw new Error(`${file} is not kept`);
  return bytes;
}

async function edit(file: string, change: (bytes: Buffer) => void): Promise<void> {
  const bytes = await contentsOf(file);
  change(bytes);
  await writeCachedBytes(file, bytes);
}

const SERIES = ['5.10', '6.12', '7.3'] as const;

describe.each(SERIES)('a load on Linux %s', series => {
  let target: Target;
  let kept: string;
  let first: LoadedProgram[];

  beforeAll(async () => {
    target = await findTarget(series);
    for (const file of await keptFiles(object)) await rm(file);
    first = await loadFresh(target, object);
    [kept = ''] = await keptFiles(object);
  });

  test('is kept, and done again with the same answers', async () => {
    expect(first.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['calling', 'accept'],
      ['looping', 'accept'],
    ]);
    const before = await contentsOf(kept);
    expect(before.indexOf(ROUNDS)).toBeGreaterThan(0);
    expect(withoutTimes(await loadFresh(target, object))).toEqual(withoutTimes(first));
    expect(withoutTimes(await loadFresh(target, object, { isAhead: true }))).toEqual(
      withoutTimes(first),
    );
    expect(await contentsOf(kept)).toEqual(before);
  });

  test('has the kernel answer anew', async () => {
    const insns = first[1]?.insns ?? 0;
    await edit(kept, bytes => bytes.writeUInt8(0x10, bytes.indexOf(ROUNDS)));
    const [, looping] = await loadFresh(target, object);
    // 0xef rounds before, 0x10 now.
    expect(insns).toBeGreaterThan(0xef * 3);
    expect(looping?.insns).toBeLessThan(insns / 10);
    expect(looping?.insns).toBeGreaterThan(0x10 * 3);
    await edit(kept, bytes => ROUNDS.copy(bytes, bytes.indexOf(ROUNDS.subarray(1)) - 1));
    expect(withoutTimes(await loadFresh(target, object))).toEqual(withoutTimes(first));
  });

  test('that goes otherwise is done as the first time, and not kept', async () => {
    // The kernel knows no such instruction.
    await edit(kept, bytes => bytes.fill(0xff, bytes.length - 400, bytes.length - 300));
    expect(withoutTimes(await loadFresh(target, object, { isAhead: true }))).toEqual(
      withoutTimes(first),
    );
    expect(await contentsOf(kept)).toHaveLength(0);
    expect(withoutTimes(await loadFresh(target, object))).toEqual(withoutTimes(first));
  });

  // All objects take half a minute on a kernel, so that each kernel gets some: every sixth.
  test('of any object of the suite has the same answers when it is done again', async () => {
    await using spares = new SpareGuests();
    const reused = await findTarget(series, spares);
    let again = 0;
    const fixtures = await suiteFixtures();
    for (const fixture of fixtures.filter((_, at) => SERIES[at % 6] === series)) {
      const form = formFor(fixture, 'linux');
      if (form.kind !== 'made') continue;
      const { id, object: one } = form.fixture;
      const file = keptFile(path.dirname(kept), one);
      await rm(file, { force: true });
      const answers = withoutTimes(await loadFresh(reused, one));
      const written = await contentsOf(file);
      if (written.length === 0) continue;
      again++;
      expect(withoutTimes(await loadFresh(reused, one, { isAhead: true })), id).toEqual(answers);
      expect(await contentsOf(file), id).toEqual(written);
    }
    expect(again).toBeGreaterThan(10);
  });
});
