import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type CpioEntry, cpioArchive } from './cpio.ts';

/** What a guest is given to start with. */
export interface InitramfsSource {
  /** Path of the static binary that becomes PID 1. */
  readonly init: string;
  /** Paths of uncompressed kernel modules, in the order in which they have to be loaded. */
  readonly modules: readonly string[];
}

/** Mount points that PID 1 needs before it can make any itself. */
const FOLDERS = ['dev', 'modules', 'proc', 'run', 'sys', 'tmp'];

/** Where PID 1 finds a module: numbered, so that the order of names is the order of loading. */
export function modulePath(path: string, index: number): string {
  return `modules/${String(index).padStart(3, '0')}-${basename(path)}`;
}

/** The archive with the binary as /init and the modules in /modules; the same source gives the same bytes. */
export async function initramfsArchive({ init, modules }: InitramfsSource): Promise<Buffer> {
  const folders = FOLDERS.map((path): CpioEntry => ({ kind: 'folder', path }));
  // The kernel opens it for PID 1's standard streams, before anything can mount /dev.
  const console = { kind: 'character-device', path: 'dev/console', major: 5, minor: 1 } as const;
  const files = await Promise.all(
    modules.map(async (path, index): Promise<CpioEntry> => {
      return { kind: 'file', path: modulePath(path, index), content: await readFile(path) };
    }),
  );
  const start: CpioEntry = {
    kind: 'file',
    path: 'init',
    content: await readFile(init),
    executable: true,
  };
  return cpioArchive([...folders, console, start, ...files]);
}
