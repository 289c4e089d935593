import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { type CpioEntry, cpioArchive } from '../../harness/vm/cpio.ts';

export const BUSYBOX = '/bin/busybox';
export const BPFTOOL = '/usr/sbin/bpftool';

export interface GuestArchive {
  /** The script that becomes PID 1, run by busybox. */
  readonly init: string;
  /** Files that the guest has at the same path as this machine. */
  readonly files: readonly string[];
  /** Files that the guest has elsewhere, by their path there. */
  readonly placed?: Readonly<Record<string, string>>;
}

/** Writes an initramfs with busybox, some files, and a script to start with. */
export async function writeGuestArchive(file: string, archive: GuestArchive): Promise<void> {
  const { init, files, placed = {} } = archive;
  const same = [BUSYBOX, ...files].map((name): [string, string] => [name.slice(1), name]);
  const given = [...same, ...Object.entries(placed)];
  const entries: CpioEntry[] = await Promise.all(
    given.map(async ([name, from]) => ({
      ...({ kind: 'file', executable: true } as const),
      ...{ path: name, content: await readFile(from) },
    })),
  );
  const folders = new Set(given.flatMap(([name]) => parentsOf(name)));
  for (const name of ['dev', 'proc', 'root', 'sys']) folders.add(name);
  const start = {
    kind: 'file',
    path: 'init',
    executable: true,
    content: Buffer.from(init),
  } as const;
  const console = { kind: 'character-device', path: 'dev/console', major: 5, minor: 1 } as const;
  const layout = [...folders].sort().map((name): CpioEntry => ({ kind: 'folder', path: name }));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, cpioArchive([...layout, console, start, ...entries]));
}

/** The shared libraries of a program, and what loads them. */
export async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await execa('ldd', [program]);
  return [...stdout.matchAll(/(?:=> |^\s+)(\/\S+)/gm)].flatMap(match => match[1] ?? []);
}

function parentsOf(name: string): string[] {
  const parent = path.dirname(name);
  return parent === '.' ? [] : [...parentsOf(parent), parent];
}
