import { createHash } from 'node:crypto';
import { readFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../storage/atomic-write.ts';
import { type InitramfsSource, initramfsArchive } from './initramfs.ts';

/** An archive in the cache. */
export interface StoredInitramfs {
  readonly path: string;
  /** SHA-256 of its bytes, in hex. */
  readonly digest: string;
}

const digestForm = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * The initramfs of a source, made if it is not in the cache yet, in `initramfs/` of the cache's root. It
 * is named for its bytes. The source's files are not read again unless their size or time changed.
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
  await writeFileAtomically(note, digest);
  return { path, digest };
}

async function remembered(note: string, folder: string): Promise<StoredInitramfs | undefined> {
  const digest = digestForm.safeParse(await readFile(note, 'utf8').catch(() => undefined));
  if (!digest.success) return undefined;
  const path = archivePath(folder, digest.data);
  // Also notes that both were used, for eviction of those that are not.
  const now = new Date();
  const used = await Promise.allSettled([utimes(path, now, now), utimes(note, now, now)]);
  return used[0].status === 'fulfilled' ? { path, digest: digest.data } : undefined;
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
