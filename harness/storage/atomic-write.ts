import { mkdir, open, readdir, rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { removeTree } from './remove-tree.ts';
import { openTempFolder, type TempFolder } from './temp-folder.ts';

/** Long enough for any writer that is alive to have renamed its file. */
const ABANDONED_MS = 600_000;

/**
 * Writes a file so that whoever reads it sees the old content or the new, never a part. What a writer
 * that was killed left beside it is removed by a later one.
 */
export async function writeFileAtomically(path: string, data: string | Buffer): Promise<void> {
  const folder = dirname(path);
  const prefix = `tmp-${basename(path)}`;
  await mkdir(folder, { recursive: true });
  await removeAbandoned(folder, prefix);
  await using temp = await openTempFolder(prefix, folder);
  const written = join(temp.path, basename(path));
  await using file = await open(written, 'w');
  await file.writeFile(data);
  await file.sync();
  await rename(written, path);
}

async function removeAbandoned(folder: string, prefix: string): Promise<void> {
  const oldest = Date.now() - ABANDONED_MS;
  for (const path of await entriesWith(folder, prefix)) {
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (mtimeMs < oldest) {
      await removeTree(path);
    }
  }
}

/** A folder beside `path` to fill and then to `publish`. The caller holds the lock of `path`. */
export interface FolderDraft extends TempFolder {
  /** Puts the draft into its place, complete and on the disk. */
  publish(): Promise<void>;
}

/**
 * Starts a folder that appears at `path` at once and complete. The caller must hold a lock on that
 * name, so drafts of it that are there already are from processes that died: they are removed.
 */
export async function draftFolder(path: string): Promise<FolderDraft> {
  const parent = dirname(path);
  const prefix = `tmp-${basename(path)}`;
  for (const left of await entriesWith(parent, prefix)) {
    await removeTree(left);
  }
  const temp = await openTempFolder(prefix, parent);
  return {
    ...temp,
    async publish() {
      await syncAll(temp.path);
      await removeTree(path);
      await rename(temp.path, path);
      await syncOne(parent);
    },
  };
}

async function entriesWith(folder: string, prefix: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter(name => name.startsWith(`${prefix}-`)).map(name => join(folder, name));
}

async function syncAll(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) {
      await syncOne(join(entry.parentPath, entry.name));
    }
  }
  await syncOne(folder);
}

async function syncOne(path: string): Promise<void> {
  await using handle = await open(path, 'r');
  await handle.sync();
}
