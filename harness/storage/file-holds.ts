import { closeSync, fstatSync, openSync } from 'node:fs';
import { readdir, readlink, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/**
 * Files of the cache that this process goes on using. It keeps them open, which costs nothing, ends with
 * the process however that dies, and which others see in /proc (`findHeldFiles`): they remove none of them.
 */
export class FileHolds implements Disposable {
  readonly #descriptors = new Map<string, number>();

  /** Holds a file from now on; one that is not there (any more) is left to whoever opens it next. */
  hold(path: string): void {
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch {
      return;
    }
    const { dev, ino } = fstatSync(descriptor);
    const identity = `${dev} ${ino}`;
    if (this.#descriptors.has(identity)) closeSync(descriptor);
    else this.#descriptors.set(identity, descriptor);
  }

  [Symbol.dispose](): void {
    for (const descriptor of this.#descriptors.values()) closeSync(descriptor);
    this.#descriptors.clear();
  }
}

/**
 * The files below a folder that any process has open, as paths relative to it. Processes of other users
 * and of other containers cannot be seen.
 */
export async function findHeldFiles(folder: string): Promise<ReadonlySet<string>> {
  const root = await realpath(folder).catch(() => folder);
  const processes = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const opened = await Promise.all(processes.map(openFilesOf));
  const below = opened.flat().filter(path => path.startsWith(root + sep));
  return new Set(below.map(path => relative(root, path)));
}

async function openFilesOf(pid: string): Promise<string[]> {
  const folder = join('/proc', pid, 'fd');
  const descriptors = await readdir(folder).catch(() => []);
  return Promise.all(descriptors.map(name => readlink(join(folder, name)).catch(() => '')));
}
