import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { diskUsage } from '../storage/disk-usage.ts';
import { imagesFolder } from './images-folder.ts';
import type { Kernel } from './kernel.ts';
import { lastUse, readKernelEntry } from './kernel-entry.ts';
import { isDraft, removeUnused } from './remove-unused.ts';

/** A kernel in the cache. */
export interface CachedKernel {
  readonly kernel: Kernel;
  readonly folder: string;
  /** What it takes on the disk, in bytes. */
  readonly bytes: number;
  readonly lastUsed: Date;
}

/** The kernels in the cache, the one that was used longest ago first. */
export async function listCachedKernels(cacheRoot: string): Promise<CachedKernel[]> {
  const folder = imagesFolder(cacheRoot);
  const names = await readdir(folder).catch(() => []);
  const cached: CachedKernel[] = [];
  for (const name of names.filter(entry => !isDraft(entry))) {
    const entry = join(folder, name);
    const kernel = await readKernelEntry(entry);
    if (kernel !== undefined) {
      const lastUsed = await lastUse(entry);
      cached.push({ kernel, folder: entry, bytes: await diskUsage(entry), lastUsed });
    }
  }
  return cached.sort((a, b) => a.lastUsed.getTime() - b.lastUsed.getTime());
}

export interface PruneOptions {
  readonly cacheRoot: string;
  /** Which kernels to remove; without it, only what dead processes left. */
  readonly remove?: (kernel: CachedKernel) => boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface PruneResult {
  readonly removed: readonly CachedKernel[];
  /** Freed in all, leftovers too, in bytes. */
  readonly freedBytes: number;
}

/**
 * Removes kernels from the cache, and what processes that died have left there. What another process is
 * writing just now is not touched. Nothing goes that a
 * process has open.
 */
export async function pruneKernelCache(options: PruneOptions): Promise<PruneResult> {
  const { cacheRoot, remove = () => false } = options;
  let freedBytes = await removeLeftovers(options);
  const removed: CachedKernel[] = [];
  for (const cached of (await listCachedKernels(cacheRoot)).filter(remove)) {
    if (await removeUnused(cached.folder, options)) {
      removed.push(cached);
      freedBytes += cached.bytes;
    }
  }
  return { removed, freedBytes };
}

async function removeLeftovers(options: PruneOptions): Promise<number> {
  const folder = imagesFolder(options.cacheRoot);
  let freed = 0;
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    if (isDraft(name) || (await readKernelEntry(path)) === undefined) {
      const bytes = await diskUsage(path);
      freed += (await removeUnused(path, options)) ? bytes : 0;
    }
  }
  return freed;
}
