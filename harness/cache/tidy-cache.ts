import { pruneKernelCache } from '../kernels/cached-kernels.ts';
import { removeUnused } from '../kernels/remove-unused.ts';
import { removeTree } from '../storage/remove-tree.ts';
import { removeUnheld } from '../storage/remove-unheld.ts';
import { removeSnapshot, removeSnapshotLeftovers } from '../vm/snapshot-cache.ts';
import type { CacheEntry } from './cache-entry.ts';
import { chooseUnused, excessBytes, inOrderOfEviction } from './choose-entries.ts';
import { surveyCache } from './survey.ts';

export interface TidyOptions {
  readonly cacheRoot: string;
  /** Bytes that the cache may take. */
  readonly limit: number;
  /** Remove everything that nobody is using just now. */
  readonly all?: boolean;
  /** Milliseconds since 1970. */
  readonly now?: number;
  readonly signal?: AbortSignal | undefined;
}

/** What was done to a cache. */
export interface TidyResult {
  readonly removed: readonly CacheEntry[];
  /** Would have been removed, but a process is using them or writing to them. */
  readonly skipped: readonly CacheEntry[];
  /** Freed in all, what dead processes had left too, in bytes. */
  readonly freedBytes: number;
}

/**
 * Removes from the cache what dead processes have left and what has not been used for long, and then, if
 * it is still above its limit, what was used longest ago. Nothing goes that a process has open.
 */
export async function tidyCache(options: TidyOptions): Promise<TidyResult> {
  const { cacheRoot, limit, all = false, now = Date.now(), signal } = options;
  const leftovers = await pruneKernelCache({ cacheRoot, signal });
  let freedBytes = leftovers.freedBytes + (await removeSnapshotLeftovers(cacheRoot, signal));
  const survey = await surveyCache(cacheRoot);
  const unused = new Set(all ? survey.entries : chooseUnused(survey.entries, now));
  let excess = excessBytes(survey, limit);
  const removed: CacheEntry[] = [];
  const skipped: CacheEntry[] = [];
  const ordered = inOrderOfEviction(survey.entries);
  for (const entry of [...ordered.filter(one => unused.has(one)), ...ordered]) {
    const isDone = removed.includes(entry) || skipped.includes(entry);
    if (isDone || (!unused.has(entry) && excess <= 0)) continue;
    signal?.throwIfAborted();
    if (!(await removeEntry(entry, options))) {
      skipped.push(entry);
      continue;
    }
    removed.push(entry);
    freedBytes += entry.bytes;
    excess -= entry.bytes;
  }
  return { removed, skipped, freedBytes };
}

async function removeEntry({ kind, path }: CacheEntry, options: TidyOptions): Promise<boolean> {
  switch (kind) {
    case 'image':
      return removeUnused(path, options);
    case 'snapshot':
      return removeSnapshot(path, options.signal);
    case 'initramfs':
      return removeUnheld(path);
    case 'other':
      await removeTree(path);
      return true;
  }
}
