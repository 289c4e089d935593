import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type CpioEntry, cpioArchive } from './cpio.ts';

/** What a guest is given to start with. */
export interface InitramfsSource {
  /** Path of the static binary that becomes PID 1. */
  readonly init: string;
  /** Paths of uncompressed kernel modules, in the order in which they have to be loaded. */
  readonly modules: readonly string[];
  /** Further files. */
  readonly files?: readonly GuestFile[] | undefined;
}

/** A file that a guest is given. */
export interface GuestFile {
  /** Where it is in the guest, without a leading slash. */
  readonly guestPath: string;
  /** Path of the file here. */
  readonly path: string;
}

/** Mount points that PID 1 needs before it can make any itself. */
const FOLDERS = ['dev', 'modules', 'proc', 'run', 'sys', 'tmp'];

/** Where PID 1 finds a module: numbered, so that the order of names is the order of loading. */
export function modulePath(path: string, index: number): string {
  return `modules/${String(index).padStart(3, '0')}-${basename(path)}`;
}

/**
 * The archive with the binary as /init, the modules in /modules and further files where they belong; the
 * same source gives the same bytes.
 */
export async function initramfsArchive(source: InitramfsSource): Promise<Buffer> {
  const { init, modules, files = [] } = source;
  const parents = files.flatMap(({ guestPath }) => parentsOf(guestPath));
  const folders = [...new Set([...FOLDERS, ...parents])].map(
    (path): CpioEntry => ({ kind: 'folder', path }),
  );
  // The kernel opens it for PID 1's standard streams, before anything can mount /dev.
  const console = { kind: 'character-device', path: 'dev/console', major: 5, minor: 1 } as const;
  const numbered = modules.map((path, index) => ({ guestPath: modulePath(path, index), path }));
  const given = await Promise.all([...numbered, ...files].map(readEntry));
  const start: CpioEntry = {
    kind: 'file',
    path: 'init',
    content: await readFile(init),
    executable: true,
  };
  return cpioArchive([...folders, console, start, ...given]);
}

async function readEntry({ guestPath, path }: GuestFile): Promise<CpioEntry> {
  return { kind: 'file', path: guestPath, content: await readFile(path) };
}

/** The folders above a path, the outermost first. */
function parentsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === '.' ? [] : [...parentsOf(parent), parent];
}
