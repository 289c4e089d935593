import { join } from 'node:path';

/** The folder of extracted kernels in the cache: an entry each. */
export function imagesFolder(cacheRoot: string): string {
  return join(cacheRoot, 'kernels', 'images');
}

/** The lock that whoever writes or removes an entry must hold. */
export function entryLock(cacheRoot: string, entryName: string): string {
  return join(cacheRoot, 'kernels', 'locks', `${entryName}.lock`);
}
