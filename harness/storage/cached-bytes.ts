import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from './atomic-write.ts';

const DIGEST_BYTES = 32;

/** Bytes of the cache; undefined if they are not there, or are not those that were written. */
export async function readCachedBytes(path: string): Promise<Buffer | undefined> {
  const stored = await readFile(path).catch(() => undefined);
  if (stored === undefined || stored.length < DIGEST_BYTES) return undefined;
  const bytes = stored.subarray(DIGEST_BYTES);
  return sha256(bytes).equals(stored.subarray(0, DIGEST_BYTES)) ? bytes : undefined;
}

/** Writes bytes of the cache, behind their SHA-256. */
export async function writeCachedBytes(path: string, bytes: Buffer): Promise<void> {
  await writeFileAtomically(path, Buffer.concat([sha256(bytes), bytes]));
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
