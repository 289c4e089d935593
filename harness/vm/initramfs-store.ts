import { createHash } from 'node:crypto';
import { readFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../storage/atomic-write.ts';
import { readCachedJson, writeCachedJson } from '../storage/cached-json.ts';
import { identify } from '../storage/checksums.ts';
import { type InitramfsSource, initramfsArchive } from './initramfs.ts';

/** An archive in the cache. */
export interface StoredInitramfs {
  readonly path: string;
  /** SHA-256 of its bytes, in hex. */
  readonly digest: string;
}

/** What a source came to, and what the archive looked like from the outside when it was written. */
const noteSchema = z.object({ digest: z.string().regex(/^[0-9a-f]{64}$/), identity: z.string() });

/**
 * The initramfs of a source, made if it is not in the cache yet, in `initramfs/` of the cache's root. It
 * is named for its bytes. The source's files are not read again unless their size or time changed, nor is the archive.
 */
export async function storeInitramfs(
  source: InitramfsSource,
  cacheRoot: string,
): Promise<StoredInitramfs> {
  const folder = join(cacheRoot, 'initramfs');
  const note = join(folder, 'sources', await sourceKey(source));
  const known = await remembered(note, folder);
  if (known !== undefined) return known;
  const archive = await initramfsArchive(source);
  const digest = sha256(archive);
  const path = archivePath(folder, digest);
  await writeFileAtomically(path, archive);
  await writeCachedJson(note, { digest, identity: await identify(path) });
  return { path, digest };
}

async function remembered(note: string, folder: string): Promise<StoredInitramfs | undefined> {
  const known = await readCachedJson(note, noteSchema);
  if (known === undefined) return undefined;
  const { digest, identity } = known;
  const path = archivePath(folder, digest);
  const now = await identify(path).catch(() => undefined);
  if (now === undefined) return undefined;
  if (now !== identity) {
    // It was copied, or written to.
    if (sha256(await readFile(path)) !== digest) return undefined;
    await writeCachedJson(note, { digest, identity: now }).catch(() => {});
  }
  // For eviction of those that are not used. The archive's own times tell whether it was written to.
  const used = new Date();
  await utimes(note, used, used).catch(() => {});
  return { path, digest };
}

function archivePath(folder: string, digest: string): string {
  return join(folder, `${digest}.cpio`);
}

/** Changes whenever a file of the source is another one, or was written to. */
async function sourceKey({ init, modules, files = [] }: InitramfsSource): Promise<string> {
  const facts = await Promise.all(
    [init, ...modules, ...files.map(({ path }) => path)].map(async path => {
      const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
      return [path, dev, ino, size, mtimeNs, ctimeNs].join(' ');
    }),
  );
  return sha256([...facts, ...files.map(({ guestPath }) => guestPath)].join('\n'));
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
