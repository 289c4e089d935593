import { expect, test } from 'vitest';
import type { CacheEntry } from '../../harness/cache/cache-entry.ts';
import {
  formatCache,
  formatKernels,
  formatTidied,
  kernelRows,
} from '../../harness/commands/kernel-table.ts';
import type { ListedBuild } from '../../harness/kernels/list-builds.ts';

const BUILD: ListedBuild = {
  ...{ series: '6.1', upstream: '6.1.192', release: '6.1.0-56-cloud-amd64' },
  ...{ packageVersion: '6.1.192-1', downloadBytes: 27e6, suites: ['bookworm'], cached: true },
};

function entry(kind: CacheEntry['kind'], release: string, bytes: number): CacheEntry {
  return { kind, release, bytes, path: `/c/${kind}`, lastUsed: 0, superseded: false };
}

const ENTRIES = [
  ...[entry('image', BUILD.release, 54e6), entry('snapshot', BUILD.release, 79e6)],
  ...[entry('snapshot', BUILD.release, 21e6), entry('image', '6.9.0-mine', 60e6)],
];

test('a kernel’s row has its images and snapshots; one that only the cache has comes last', () => {
  expect(kernelRows([BUILD, { ...BUILD, release: 'other', cached: false }], ENTRIES)).toEqual([
    { ...BUILD, imageBytes: 54e6, snapshotBytes: 100e6, snapshots: 2 },
    expect.objectContaining({ release: 'other', imageBytes: 0, snapshots: 0 }),
    { release: '6.9.0-mine', cached: true, imageBytes: 60e6, snapshotBytes: 0, snapshots: 0 },
  ]);
});

test('the table has a head, and nothing where there is nothing', () => {
  const lines = formatKernels(kernelRows([BUILD], ENTRIES), false)
    .split('\n')
    .map(line => line.replaceAll(/ +/g, ' ').trim());
  expect(lines).toEqual([
    'target release download image snapshots suites',
    '● linux@6.1.192 6.1.0-56-cloud-amd64 27 MB 54 MB 100 MB bookworm',
    '● 6.9.0-mine 60 MB',
    '',
  ]);
});

test('the cache is summed up with its limit', () => {
  const survey = { entries: ENTRIES, fixedBytes: 10e6 };
  expect(formatCache(survey, { cacheRoot: '/c', limit: 5e9 })).toBe(
    '/c: 224 MB of at most 5.0 GB ($CROSSBPF_CACHE_SIZE): images 114 MB, snapshots 100 MB, other 10 MB\n',
  );
});

test('what was removed is said, and what was not, and why', () => {
  const [image, snapshot] = ENTRIES as [CacheEntry, CacheEntry];
  const removed = [image, snapshot, entry('other', '', 1)];
  const skipped = [entry('image', '6.9.0-mine', 1), entry('snapshot', '6.9.0-mine', 1)];
  expect(formatTidied({ removed, skipped, freedBytes: 133e6 })).toBe(
    [
      ...['removed 6.1.0-56-cloud-amd64', 'removed 1 snapshot', 'kept 6.9.0-mine: it is in use'],
      ...['kept snapshot of 6.9.0-mine: it is in use', '133 MB freed', ''],
    ].join('\n'),
  );
});
