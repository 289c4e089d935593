import { mkdir, rm } from 'node:fs/promises';
import tmp from 'tmp';

/** A folder of our own that is gone, with all that is in it, once it is disposed. */
export interface TempFolder extends AsyncDisposable {
  readonly path: string;
}

/**
 * Makes a folder with a name of its own that starts with `prefix`: in `parent`, which is made if absent,
 * or without one in the system's folder for temporary files.
 */
export async function openTempFolder(prefix: string, parent?: string): Promise<TempFolder> {
  if (parent !== undefined) {
    await mkdir(parent, { recursive: true });
  }
  const path = await new Promise<string>((resolve, reject) => {
    const where = parent === undefined ? {} : { tmpdir: parent };
    tmp.dir({ ...where, prefix, keep: true, mode: 0o755 }, (error, name) =>
      error === null ? resolve(name) : reject(error),
    );
  });
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
