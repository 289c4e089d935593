import { rename } from 'node:fs/promises';
import { basename, dirname, sep } from 'node:path';
import { findHeldFiles } from './file-holds.ts';
import { removeTree } from './remove-tree.ts';

/** Ends its name while it is looked at for the last time; whoever finds it later may remove it. */
const DISCARDED = '.discarded';

export function isDiscarded(name: string): boolean {
  return name.endsWith(DISCARDED);
}

/**
 * Removes a file or a folder of the cache, unless a process has it or a file in it open, or it is gone.
 * Says whether it did.
 */
export async function removeUnheld(path: string): Promise<boolean> {
  if (await isHeld(path)) return false;
  const away = isDiscarded(path) ? path : `${path}${DISCARDED}`;
  // Somebody may have opened it since; from now on nobody can.
  if (!(await moved(path, away))) return false;
  if (await isHeld(away)) {
    await rename(away, path);
    return false;
  }
  await removeTree(away);
  return true;
}

async function moved(path: string, away: string): Promise<boolean> {
  try {
    await rename(path, away);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

async function isHeld(path: string): Promise<boolean> {
  const name = basename(path);
  const held = await findHeldFiles(dirname(path));
  return held.values().some(file => file === name || file.startsWith(name + sep));
}
