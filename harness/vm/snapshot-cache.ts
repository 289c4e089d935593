import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { diskUsage } from '../storage/disk-usage.ts';
import { lockFileIfFree } from '../storage/file-lock.ts';
import { isDiscarded, removeUnheld } from '../storage/remove-unheld.ts';
import { readSnapshotFacts, type SnapshotFacts } from './snapshot-facts.ts';
import { snapshotLock, snapshotsFolder } from './snapshot-store.ts';

/** A snapshot in the cache. */
export interface CachedSnapshot {
  readonly folder: string;
  /** What it takes on the disk, in bytes. */
  readonly bytes: number;
  readonly lastUsed: Date;
  /** Absent for one of another version, or a damaged one. */
  readonly facts?: SnapshotFacts;
}

const DRAFT = /^tmp-(.+)-\d+-\w+$/;

/** All snapshots that are complete. */
export async function listSnapshots(cacheRoot: string): Promise<CachedSnapshot[]> {
  const parent = snapshotsFolder(cacheRoot);
  const names = await readdir(parent).catch(() => []);
  const complete = names.filter(name => !/^tmp-|\.lock$/.test(name) && !isDiscarded(name));
  const listed = await Promise.all(complete.map(name => describe(join(parent, name))));
  return listed.filter(snapshot => snapshot !== undefined);
}

async function describe(folder: string): Promise<CachedSnapshot | undefined> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) return undefined;
  const facts = await readSnapshotFacts(folder);
  const bytes = await diskUsage(folder);
  return { folder, bytes, lastUsed: found.mtime, ...(facts === undefined ? {} : { facts }) };
}

/** Removes a snapshot, unless a guest uses it or it is being saved. Says whether it did. */
export async function removeSnapshot(folder: string, signal?: AbortSignal): Promise<boolean> {
  return removeLocked(folder, folder, signal);
}

/** Removes what processes that died while they saved or removed a snapshot have left; gives the bytes. */
export async function removeSnapshotLeftovers(
  cacheRoot: string,
  signal?: AbortSignal,
): Promise<number> {
  const parent = snapshotsFolder(cacheRoot);
  let freed = 0;
  for (const name of await readdir(parent).catch(() => [])) {
    const key = isDiscarded(name) ? name.replace(/\.\w+$/, '') : DRAFT.exec(name)?.[1];
    if (key === undefined) continue;
    const path = join(parent, name);
    const bytes = await diskUsage(path);
    if (await removeLocked(path, join(parent, key), signal)) freed += bytes;
  }
  return freed;
}

async function removeLocked(path: string, folder: string, signal?: AbortSignal): Promise<boolean> {
  const options = { purpose: 'clean the cache', signal };
  await using lock = await lockFileIfFree(snapshotLock(folder), options);
  return lock !== undefined && (await removeUnheld(path));
}
