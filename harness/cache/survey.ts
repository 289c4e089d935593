import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type CachedKernel, listCachedKernels } from '../kernels/cached-kernels.ts';
import { diskUsage } from '../storage/disk-usage.ts';
import { type CachedSnapshot, listSnapshots } from '../vm/snapshot-cache.ts';
import type { CacheEntry, CacheSurvey } from './cache-entry.ts';

/** Folders of the cache in which every file or folder is an entry by itself. */
const PLAIN_FOLDERS = [
  'objects',
  'inspected',
  'initramfs/sources',
  'accelerators',
  'testdata',
  'vmlinux',
  'linked',
  'linker',
  'node',
];
const INITRAMFS_FOLDER = 'initramfs';
/** A draft that is older is of a process that died. */
const ABANDONED_MS = 600_000;

/** Looks through the whole cache: up to a second for a thousand entries, so never on the way to a guest. */
export async function surveyCache(cacheRoot: string): Promise<CacheSurvey> {
  const kernels = await listCachedKernels(cacheRoot);
  const digests = new Set(kernels.map(({ kernel }) => kernel.digest));
  const snapshots = await listSnapshots(cacheRoot);
  const current = snapshots.filter(
    snapshot =>
      snapshot.facts !== undefined &&
      digests.has(snapshot.facts.kernelDigest) &&
      !snapshots.some(other => replaces(other, snapshot)),
  );
  const inUse = new Set(current.map(({ facts }) => `${facts?.initramfsDigest}.cpio`));
  const initramfs = await plainEntries(join(cacheRoot, INITRAMFS_FOLDER), 'initramfs');
  const others = await Promise.all(
    PLAIN_FOLDERS.map(folder => plainEntries(join(cacheRoot, folder), 'other')),
  );
  const entries = [
    ...imageEntries(kernels),
    ...snapshots.map(snapshot => snapshotEntry(snapshot, !current.includes(snapshot))),
    ...initramfs.map(entry => ({ ...entry, superseded: !inUse.has(basename(entry.path)) })),
    ...others.flat(),
  ];
  const known = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  return { entries, fixedBytes: Math.max(0, (await diskUsage(cacheRoot)) - known) };
}

/** A kernel is there twice if it was asked for with other modules: by an older version of crossbpf. */
function imageEntries(kernels: readonly CachedKernel[]): CacheEntry[] {
  return kernels.map(({ kernel, folder, bytes, lastUsed }) => ({
    ...{ kind: 'image', path: folder, bytes, lastUsed: lastUsed.getTime() },
    release: kernel.release,
    superseded: kernels.some(
      other => other.kernel.digest === kernel.digest && other.lastUsed > lastUsed,
    ),
  }));
}

function replaces(other: CachedSnapshot, { facts, lastUsed }: CachedSnapshot): boolean {
  return other.facts?.purpose === facts?.purpose && other.lastUsed > lastUsed;
}

function snapshotEntry(snapshot: CachedSnapshot, superseded: boolean): CacheEntry {
  const { folder, bytes, lastUsed, facts } = snapshot;
  return {
    ...{ kind: 'snapshot', path: folder, bytes, lastUsed: lastUsed.getTime(), superseded },
    release: facts?.release,
  };
}

async function plainEntries(folder: string, kind: 'initramfs' | 'other'): Promise<CacheEntry[]> {
  const listed = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const wanted = listed.filter(entry => {
    return !entry.name.endsWith('.lock') && (kind === 'other' || entry.isFile());
  });
  const entries = await Promise.all(wanted.map(({ name }) => plainEntry(folder, name, kind)));
  return entries.filter(entry => entry !== undefined);
}

async function plainEntry(folder: string, name: string, kind: 'initramfs' | 'other') {
  const path = join(folder, name);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  const superseded = name.startsWith('tmp-');
  if (superseded && Date.now() - found.mtimeMs < ABANDONED_MS) return undefined;
  // A folder's time of access is that of whoever looked into it last, such as ourselves; its own time
  // may have come out of an archive.
  const { atimeMs, mtimeMs, ctimeMs } = found;
  const lastUsed = Math.max(mtimeMs, ctimeMs, found.isFile() ? atimeMs : 0);
  return { kind, path, bytes: await diskUsage(path), lastUsed, superseded };
}
