import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { draftFolder } from '../storage/atomic-write.ts';
import { withDiskFullError } from '../storage/disk-space.ts';
import { lockFile } from '../storage/file-lock.ts';
import { entryLock, imagesFolder } from './images-folder.ts';
import type { Kernel } from './kernel.ts';
import { ENTRY_FORMAT, readKernelEntry, touchEntry } from './kernel-entry.ts';
import type { KernelProgressListener } from './progress.ts';
import { removeDeadDrafts } from './remove-unused.ts';

/** The name of an entry: all that its content follows from is in it. */
export function entryName(
  release: string,
  sources: readonly string[],
  modules: readonly string[],
): string {
  const identity = JSON.stringify([ENTRY_FORMAT, [...sources].sort(), [...modules].sort()]);
  const digest = createHash('sha256').update(identity).digest('hex');
  return `${release.replace(/[^\w.+~-]/g, '_')}-${digest.slice(0, 16)}`;
}

export interface StoreOptions {
  readonly cacheRoot: string;
  readonly name: string;
  /** What is being waited for, in messages to other processes. */
  readonly purpose: string;
  /** About how many bytes `fill` needs on the disk. */
  readonly bytes: number;
  /** Writes all files of the entry, `kernel.json` too, into an empty folder. */
  readonly fill: (folder: string) => Promise<void>;
  readonly onProgress: KernelProgressListener;
  readonly signal?: AbortSignal | undefined;
}

async function isThere(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}

/** The kernel of an entry of the cache, which is made if it is not there yet. */
export async function storeKernel(options: StoreOptions): Promise<Kernel> {
  const { cacheRoot, name, purpose, bytes, fill, onProgress, signal } = options;
  const folder = join(imagesFolder(cacheRoot), name);
  const known = await readKernelEntry(folder);
  if (known !== undefined) {
    await touchEntry(folder, new Date());
    return known;
  }
  return await withDiskFullError({ folder: cacheRoot, bytes }, async () => {
    await using _lock = await lockFile(entryLock(cacheRoot, name), {
      purpose,
      signal,
      onWait: ({ holder }) => onProgress({ type: 'lock:waiting', holder }),
    });
    const made = await readKernelEntry(folder);
    if (made !== undefined) {
      return made;
    }
    if (await isThere(folder)) onProgress({ type: 'kernel:damaged', name });
    await removeDeadDrafts({ cacheRoot, signal });
    await using draft = await draftFolder(folder);
    await fill(draft.path);
    signal?.throwIfAborted();
    await draft.publish();
    const kernel = await readKernelEntry(folder);
    if (kernel === undefined) {
      throw new Error(`the new entry ${basename(folder)} cannot be read`);
    }
    onProgress({ type: 'kernel:ready', release: kernel.release });
    return kernel;
  });
}
