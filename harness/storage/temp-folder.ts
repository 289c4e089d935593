import { mkdir } from 'node:fs/promises';
import tmp from 'tmp';
import { CrossbpfError } from '../crossbpf-error.ts';
import { removeTree } from './remove-tree.ts';

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
      error === null ? resolve(name) : reject(noTempFolder(error, parent)),
    );
  });
  return {
    path,
    [Symbol.asyncDispose]: () => removeTree(path),
  };
}

/** A TMPDIR that is not there is the user's to mend; what happens in a given parent is its owner's to explain. */
function noTempFolder(cause: NodeJS.ErrnoException, parent: string | undefined): Error {
  if (parent !== undefined || cause.code !== 'ENOENT') return cause;
  return new CrossbpfError({
    code: 'INFRA_NO_TEMP_FOLDER',
    message: `the folder for temporary files is not there: ${cause.path ?? ''}`,
    hint: 'Make it, or set TMPDIR to one that is there.',
    cause,
  });
}
