import { mkdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { draftFolder } from '../storage/atomic-write.ts';
import { formatCachedJson } from '../storage/cached-json.ts';
import { areIntact, type CheckOptions, noteChecksums } from '../storage/checksums.ts';
import { ensureSpace, withDiskFullError } from '../storage/disk-space.ts';
import { lockFile } from '../storage/file-lock.ts';
import { type SaveOptions, type SnapshotFiles, saveSnapshot, snapshotFiles } from './snapshot.ts';
import { FACTS_FILE, type SnapshotFacts } from './snapshot-facts.ts';

/** A snapshot that is complete. */
export interface StoredSnapshot {
  readonly folder: string;
  readonly files: SnapshotFiles;
  /** Tells it from another that was saved later under the same name. */
  readonly inode: bigint;
}

const SNAPSHOT_FILES = ['memory', 'state'];

/** Whether a snapshot is as it was saved; `thorough` reads it whole, which takes 0.2 s. */
export async function isSnapshotIntact(folder: string, options?: CheckOptions): Promise<boolean> {
  return areIntact(folder, SNAPSHOT_FILES, options);
}

/** What a snapshot takes on the disk, about: the pages that a booted guest has touched. */
const SNAPSHOT_BYTES = 250e6;

/** Where a snapshot is kept. */
export function snapshotFolder(cacheRoot: string, key: string): string {
  return join(snapshotsFolder(cacheRoot), key);
}

/** The folder that all snapshots are in, each with a lock beside it. */
export function snapshotsFolder(cacheRoot: string): string {
  return join(cacheRoot, 'snapshots');
}

/** The lock that whoever writes or removes a snapshot must hold. */
export function snapshotLock(folder: string): string {
  return `${folder}.lock`;
}

/** The snapshot of a folder, or undefined if there is none. Notes that it was used, for eviction by age. */
export async function findSnapshot(folder: string): Promise<StoredSnapshot | undefined> {
  try {
    const { ino } = await stat(folder, { bigint: true });
    const now = new Date();
    // A cache that is read-only can be used all the same.
    await utimes(folder, now, now).catch(() => {});
    return { folder, files: snapshotFiles(folder), inode: ino };
  } catch {
    return undefined;
  }
}

export interface AddOptions extends Omit<SaveOptions, 'folder'> {
  readonly facts: SnapshotFacts;
  readonly onSaving: () => void;
}

/**
 * Saves a snapshot into a folder, unless another process does so meanwhile. It appears there at once and
 * complete, and is never written to again.
 */
export async function addSnapshot(folder: string, options: AddOptions): Promise<StoredSnapshot> {
  await using _lock = await lockSnapshot(folder, options.signal);
  const meanwhile = await findSnapshot(folder);
  if (meanwhile !== undefined) return meanwhile;
  options.onSaving();
  const need = { folder: dirname(folder), bytes: SNAPSHOT_BYTES };
  await ensureSpace(need);
  await using draft = await draftFolder(folder);
  await withDiskFullError(need, async () => {
    await saveSnapshot({ ...options, folder: draft.path });
    await writeFile(join(draft.path, FACTS_FILE), formatCachedJson(options.facts));
    await noteChecksums(draft.path, SNAPSHOT_FILES);
    await draft.publish();
  });
  const added = await findSnapshot(folder);
  if (added === undefined) throw new Error(`${folder} is gone as soon as it was saved`);
  return added;
}

/** Removes a snapshot, unless another process has replaced it already. Guests that use it go on. */
export async function discardSnapshot(
  { folder, inode }: StoredSnapshot,
  signal: AbortSignal | undefined,
): Promise<void> {
  await using _lock = await lockSnapshot(folder, signal);
  const present = await stat(folder, { bigint: true }).catch(() => undefined);
  if (present?.ino !== inode) return;
  const away = `${folder}.discarded`;
  await rm(away, { recursive: true, force: true });
  await rename(folder, away);
  await rm(away, { recursive: true, force: true });
}

/** Removes a snapshot that does not hold what was saved, by reading it whole; whether it was so. */
export async function discardDamaged(folder: string): Promise<boolean> {
  const snapshot = await findSnapshot(folder);
  if (snapshot === undefined || (await isSnapshotIntact(folder, { thorough: true }))) return false;
  await discardSnapshot(snapshot, undefined);
  return true;
}

async function lockSnapshot(folder: string, signal: AbortSignal | undefined) {
  await mkdir(dirname(folder), { recursive: true });
  return lockFile(snapshotLock(folder), { purpose: 'save a snapshot', signal });
}
