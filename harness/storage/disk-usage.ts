import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const BLOCK_BYTES = 512;

/** What a file, or a folder with all that is in it, takes on the disk: holes count nothing. 0 if it is not there. */
export async function diskUsage(path: string): Promise<number> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => []);
  const inside = entries.map(entry => join(entry.parentPath, entry.name));
  const sizes = await Promise.all([path, ...inside].map(blocksOf));
  return sizes.reduce((sum, blocks) => sum + blocks, 0) * BLOCK_BYTES;
}

async function blocksOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.blocks ?? 0;
}
