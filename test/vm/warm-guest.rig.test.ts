import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { noteChecksums } from '../../harness/storage/checksums.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { readSnapshotFacts, type SnapshotFacts } from '../../harness/vm/snapshot-facts.ts';
import { snapshotFolder } from '../../harness/vm/snapshot-store.ts';
import { type SnapshotEvent, warmGuest } from '../../harness/vm/warm-guest.ts';
import { MACHINE, scriptedQemu } from './stand-ins/scripted-qemu.ts';

const KEY = 'a-key';
const FACTS: SnapshotFacts = {
  ...{ release: '6.1.0', kernelDigest: 'k', initramfsDigest: 'i', qemu: 'a stand-in' },
  purpose: 'f'.repeat(64),
};

async function greet(port: Duplex): Promise<void> {
  port.write('hello');
  await once(port, 'data');
}

/** A cache, and guests that a stand-in gives. */
async function prepared(behaviour = 'works') {
  const folder = await openTempFolder('crossbpf-test');
  const qemu = await scriptedQemu(folder.path, behaviour);
  const cacheRoot = join(folder.path, 'cache');
  const events: SnapshotEvent[] = [];
  return {
    events,
    cacheRoot,
    state: join(snapshotFolder(cacheRoot, KEY), 'state'),
    start: () =>
      warmGuest({
        ...{ qemu, machine: MACHINE, timeoutMs: 20_000, cacheRoot, key: KEY, greet },
        ...{ facts: FACTS, hold: () => {} },
        onEvent: event => events.push(event),
      }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test('the first guest saves a snapshot, later ones are restored from it', async () => {
  await using at = await prepared();
  for (let round = 0; round < 2; round++) {
    await using guest = await at.start();
    expect(guest.start).toBe('restore');
  }
  expect(at.events).toEqual([{ type: 'snapshot:saving' }]);
  expect(await readSnapshotFacts(snapshotFolder(at.cacheRoot, KEY))).toEqual(FACTS);
});

test.each(['is 7.2', 'is 11'])('a state is loaded by a QEMU that %s', async version => {
  await using at = await prepared(version);
  await using guest = await at.start();
  expect(guest.start).toBe('restore');
});

test('guests that start at once share one snapshot', async () => {
  await using at = await prepared();
  const guests = await Promise.all([at.start(), at.start(), at.start()]);
  await Promise.all(guests.map(guest => guest[Symbol.asyncDispose]()));
  expect(at.events).toEqual([{ type: 'snapshot:saving' }]);
});

test.each([
  { what: 'that cannot be restored', isNoted: true, reason: 'load of migration failed' },
  { what: 'whose files are damaged', isNoted: false, reason: 'its files are damaged' },
])('a snapshot $what is said, thrown away and saved anew', async ({ isNoted, reason }) => {
  await using at = await prepared();
  await (await at.start())[Symbol.asyncDispose]();
  await writeFile(at.state, 'damaged');
  if (isNoted) await noteChecksums(dirname(at.state), ['memory', 'state']);
  await using guest = await at.start();
  expect(guest.start).toBe('restore');
  expect(at.events.slice(1)).toEqual([
    { type: 'snapshot:discarded', reason: expect.stringContaining(reason) },
    { type: 'snapshot:saving' },
  ]);
  expect(await readFile(at.state, 'utf8')).toBe('state');
});

test('a guest that fails while it is saved leaves nothing but the lock', async () => {
  await using at = await prepared('panics and ends');
  await expect(at.start()).rejects.toMatchObject({ code: 'INFRA_GUEST_PANIC' });
  expect(await readdir(join(at.cacheRoot, 'snapshots'))).toEqual([`${KEY}.lock`]);
});

test('a disk that is full when the state is written is told as such', async () => {
  await using at = await prepared('cannot save');
  await expect(at.start()).rejects.toMatchObject({
    code: 'INFRA_DISK_FULL',
    message: expect.stringContaining('about 250 MB needed'),
  });
  expect(await readdir(join(at.cacheRoot, 'snapshots'))).toEqual([`${KEY}.lock`]);
});
