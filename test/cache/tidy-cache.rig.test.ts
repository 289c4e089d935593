import { mkdir, open, readdir, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { surveyCache } from '../../harness/cache/survey.ts';
import { tidyCache } from '../../harness/cache/tidy-cache.ts';
import { ENTRY_FORMAT, writeKernelEntry } from '../../harness/kernels/kernel-entry.ts';
import { writeCachedJson } from '../../harness/storage/cached-json.ts';
import { FileHolds } from '../../harness/storage/file-holds.ts';
import { lockFile } from '../../harness/storage/file-lock.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';

const KIB = 1024;
const DAY = 86_400_000;

/** A cache with files that look like real ones, but small. */
async function openCache() {
  const folder = await openTempFolder('crossbpf-test');
  const root = folder.path;
  return {
    root,
    left: async (name: string) => {
      const names = await readdir(join(root, name)).catch(() => []);
      return names.filter(entry => !entry.endsWith('.lock')).toSorted();
    },
    image: (release: string, days = 0) => addImage(root, release, days),
    snapshot: (name: string, of: Partial<Facts> = {}, days = 0) =>
      addSnapshot(root, name, of, days),
    object: (name: string, days: number) => addFile(join(root, 'objects', name), days),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

interface Facts {
  readonly release: string;
  readonly purpose: string;
}

async function addFile(path: string, days: number, bytes = 100 * KIB): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, Buffer.alloc(bytes, 1));
  await setAge(path, days);
  return path;
}

/** The time of the last change of a file's facts cannot be set; folders and images have none that counts. */
async function setAge(path: string, days: number): Promise<void> {
  const time = new Date(Date.now() - days * DAY);
  await utimes(path, time, time);
}

async function addImage(root: string, release: string, days: number): Promise<string> {
  const folder = join(root, 'kernels/images', `${release}-0123456789abcdef`);
  const image = await addFile(join(folder, 'vmlinux'), 0);
  await writeKernelEntry(folder, {
    ...{ format: ENTRY_FORMAT, release, upstream: '6.1.1', arch: 'amd64', image: 'vmlinux' },
    ...{ imageBytes: 100 * KIB, modules: [], missingModules: [], digest: release },
  });
  await setAge(join(folder, 'checksums.json'), days);
  return image;
}

async function addSnapshot(root: string, name: string, of: Partial<Facts>, days: number) {
  const folder = join(root, 'snapshots', name);
  const { release = '6.1', purpose = name } = of;
  const memory = await addFile(join(folder, 'memory'), 0);
  await truncate(memory, 512 * 1024 * KIB);
  const facts = {
    ...{ release, kernelDigest: release, initramfsDigest: 'i', qemu: 'q' },
    purpose: Buffer.from(purpose).toString('hex').padEnd(64, '0'),
  };
  await writeCachedJson(join(folder, 'facts.json'), facts);
  await setAge(folder, days);
  return memory;
}

/** A limit that leaves room for all but some KiB. */
async function limitBelow(root: string, kib: number): Promise<number> {
  const { entries, fixedBytes } = await surveyCache(root);
  return entries.reduce((sum, { bytes }) => sum + bytes, fixedBytes) - kib * KIB;
}

test('files with holes count by what they take', async () => {
  await using cache = await openCache();
  await cache.snapshot('a');
  const { entries } = await surveyCache(cache.root);
  expect(entries).toMatchObject([{ kind: 'snapshot', release: '6.1' }]);
  expect(entries[0]?.bytes).toBeLessThan(200 * KIB);
});

test('nothing is removed below the limit that was used lately', async () => {
  await using cache = await openCache();
  await cache.image('6.1', 29);
  await cache.snapshot('a', {}, 29);
  expect(await tidyCache({ cacheRoot: cache.root, limit: 1e9 })).toEqual({
    ...{ removed: [], skipped: [], freedBytes: 0 },
  });
});

test('above the limit the snapshot goes that was used longest ago', async () => {
  await using cache = await openCache();
  await cache.image('6.1', 20);
  await cache.snapshot('a', {}, 3);
  await cache.snapshot('b', {}, 4);
  const limit = await limitBelow(cache.root, 10);
  const { removed, freedBytes } = await tidyCache({ cacheRoot: cache.root, limit });
  expect(removed).toMatchObject([{ kind: 'snapshot', release: '6.1' }]);
  expect(freedBytes).toBeGreaterThan(100 * KIB);
  expect(await cache.left('snapshots')).toEqual(['a']);
});

test('a snapshot of an older agent goes before all others, one of a kernel that is gone too', async () => {
  await using cache = await openCache();
  await cache.image('6.1');
  await cache.snapshot('old agent', { purpose: 'same' }, 0.2);
  await cache.snapshot('new agent', { purpose: 'same' }, 0.1);
  await cache.snapshot('other', {}, 5);
  await cache.snapshot('no kernel', { release: '5.4' }, 0.1);
  const limit = await limitBelow(cache.root, 150);
  await tidyCache({ cacheRoot: cache.root, limit });
  expect(await cache.left('snapshots')).toEqual(['new agent', 'other']);
});

test('after 30 days an image goes as well, without any limit', async () => {
  await using cache = await openCache();
  await cache.image('6.1', 31);
  await cache.image('6.12', 1);
  const { removed } = await tidyCache({ cacheRoot: cache.root, limit: 1e12 });
  expect(removed).toMatchObject([{ kind: 'image', release: '6.1' }]);
  expect(await cache.left('kernels/images')).toEqual(['6.12-0123456789abcdef']);
});

test('everything goes when all shall, but what a process has open, and what is being written', async () => {
  await using cache = await openCache();
  const image = await cache.image('6.1');
  await cache.image('6.12');
  const memory = await cache.snapshot('used by another');
  await cache.snapshot('being saved');
  await cache.snapshot('free');
  await cache.object('a.json', 0);
  using holds = new FileHolds();
  holds.hold(image);
  const file = await open(memory, 'r');
  const guest = execa('sleep', ['60'], {
    stdio: [file.fd as 0, 'ignore', 'ignore'],
    reject: false,
  });
  await file.close();
  await using _lock = await lockFile(join(cache.root, 'snapshots/being saved.lock'), {
    purpose: 'save a snapshot',
  });
  const { skipped } = await tidyCache({ cacheRoot: cache.root, limit: 1e12, all: true });
  guest.kill();
  await guest;
  expect(skipped.map(({ kind, path }) => [kind, path.split('/').at(-1)])).toEqual(
    expect.arrayContaining([
      ['image', '6.1-0123456789abcdef'],
      ['snapshot', 'used by another'],
      ['snapshot', 'being saved'],
    ]),
  );
  expect(await cache.left('kernels/images')).toEqual(['6.1-0123456789abcdef']);
  expect(await cache.left('snapshots')).toEqual(['being saved', 'used by another']);
  expect(await cache.left('objects')).toEqual([]);
});

test('once nobody has it open any more it can go', async () => {
  await using cache = await openCache();
  const image = await cache.image('6.1');
  const holds = new FileHolds();
  holds.hold(image);
  holds[Symbol.dispose]();
  await tidyCache({ cacheRoot: cache.root, limit: 0 });
  expect(await cache.left('kernels/images')).toEqual([]);
});

test('what a dead process left half-saved or half-removed goes', async () => {
  await using cache = await openCache();
  for (const name of ['tmp-key-4711-AbCdEf', 'key.discarded']) await cache.snapshot(name);
  const { removed, freedBytes } = await tidyCache({ cacheRoot: cache.root, limit: 1e12 });
  expect(removed).toEqual([]);
  expect(freedBytes).toBeGreaterThan(200 * KIB);
  expect(await cache.left('snapshots')).toEqual([]);
});
