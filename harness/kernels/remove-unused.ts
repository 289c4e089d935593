import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { lockFileIfFree } from '../storage/file-lock.ts';
import { isDiscarded, removeUnheld } from '../storage/remove-unheld.ts';
import { entryLock, imagesFolder } from './images-folder.ts';

export interface RemoveOptions {
  readonly cacheRoot: string;
  readonly signal?: AbortSignal | undefined;
}

/** Whether a folder beside the entries is being filled or removed, or was when its process died. */
export function isDraft(name: string): boolean {
  return name.startsWith('tmp-') || isDiscarded(name);
}

/** Removes what processes that died have left half-written. What one is writing just now stays. */
export async function removeDeadDrafts(options: RemoveOptions): Promise<void> {
  const folder = imagesFolder(options.cacheRoot);
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter(isDraft)) {
    await removeUnused(join(folder, name), options);
  }
}

/**
 * Removes an entry or a draft of one, unless a process holds its lock or has its image open. Says
 * whether it did.
 */
export async function removeUnused(
  path: string,
  { cacheRoot, signal }: RemoveOptions,
): Promise<boolean> {
  // A draft is `tmp-ENTRY-PID-RANDOM`, as draftFolder names it; ENTRY ends with 16 hexadecimal digits.
  const plain = basename(path).replace(/^tmp-/, '');
  const name = /^(.+-[0-9a-f]{16})(?:-\d+-\w+)?(?:\.\w+)?$/.exec(plain)?.[1];
  if (name === undefined) {
    return false;
  }
  const options = { purpose: 'clean the cache', signal };
  await using lock = await lockFileIfFree(entryLock(cacheRoot, name), options);
  return lock !== undefined && (await removeUnheld(path));
}
