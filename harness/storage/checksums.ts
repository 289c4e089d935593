import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { readCachedJson, writeCachedJson } from './cached-json.ts';

/** Its name in a folder whose files are checked. */
export const CHECKSUMS_FILE = 'checksums.json';

const CHUNK_BYTES = 1 << 20;

/** By a file's path in the folder: what it held, and what it looked like from the outside when that was read. */
const checksumsSchema = z.record(z.string(), z.object({ crc32: z.number(), identity: z.string() }));
type Checksums = z.infer<typeof checksumsSchema>;

/** Notes what files of a folder hold; their paths are relative to it. Reads them whole. */
export async function noteChecksums(folder: string, files: readonly string[]): Promise<void> {
  const noted = await Promise.all(files.map(async file => [file, await measure(folder, file)]));
  await writeCachedJson(join(folder, CHECKSUMS_FILE), Object.fromEntries(noted));
}

/** Whether anything was noted in a folder, damaged or not. */
export async function hasChecksums(folder: string): Promise<boolean> {
  return stat(join(folder, CHECKSUMS_FILE)).then(
    () => true,
    () => false,
  );
}

export interface CheckOptions {
  /** Read the files even if they look untouched: their bytes may have changed on the disk itself. */
  readonly thorough?: boolean;
}

/**
 * Whether files of a folder hold what was noted. A file that looks as it did then (inode, size, times) is taken to be
 * untouched: only one that was copied, restored from an archive or written to is read.
 */
export async function areIntact(
  folder: string,
  files: readonly string[],
  { thorough = false }: CheckOptions = {},
): Promise<boolean> {
  const path = join(folder, CHECKSUMS_FILE);
  const noted = await readCachedJson(path, checksumsSchema);
  if (noted === undefined) return false;
  const changed = thorough ? files : await filterTouched(folder, files, noted);
  if (changed.length === 0) return true;
  const now: Checksums = { ...noted };
  for (const file of changed) {
    const found = await measure(folder, file).catch(() => undefined);
    if (found === undefined || found.crc32 !== noted[file]?.crc32) return false;
    now[file] = found;
  }
  // Without it they are only read again.
  if (!thorough) await writeCachedJson(path, now).catch(() => {});
  return true;
}

async function filterTouched(folder: string, files: readonly string[], noted: Checksums) {
  const identities = await Promise.all(
    files.map(file => identify(join(folder, file)).catch(() => '')),
  );
  return files.filter((file, index) => identities[index] !== noted[file]?.identity);
}

/** `crc32`, as a memory file has 512 MB, most of it holes: it takes a fifth of the time of SHA-256. */
async function measure(folder: string, file: string): Promise<Checksums[string]> {
  const path = join(folder, file);
  await using opened = await open(path);
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let sum = 0;
  for (let count = CHUNK_BYTES; count > 0; ) {
    ({ bytesRead: count } = await opened.read(chunk, 0, CHUNK_BYTES));
    sum = crc32(chunk.subarray(0, count), sum);
  }
  return { crc32: sum, identity: await identify(path) };
}

/** What a file looks like from the outside: changes whenever it is written to or another one takes its place. */
export async function identify(path: string): Promise<string> {
  const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [ino, size, mtimeNs, ctimeNs].join(' ');
}
