import { access } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';

/** Installs Debian's packages where a file of theirs is missing. */
export async function requirePackages(files: Readonly<Record<string, string>>): Promise<void> {
  const missing: string[] = [];
  for (const [file, name] of Object.entries(files)) {
    if (!(await isThere(file))) missing.push(name);
  }
  if (missing.length === 0) return;
  say(`installing with apt-get: ${missing.join(' ')}`);
  const environment = { env: { DEBIAN_FRONTEND: 'noninteractive' } };
  const sudo = process.getuid?.() === 0 ? [] : ['sudo'];
  const install = ['apt-get', '-q', '-y', 'install', '--no-install-recommends', ...missing];
  const [command = '', ...args] = [...sudo, ...install];
  await execa(command, args, environment);
}

export interface Installation {
  /** The file that is there once it is installed. */
  readonly file: string;
  /** What is installed, in words. */
  readonly what: string;
  /** A package manager's command. */
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a package manager unless that was done before. Throws what it said if it failed. */
export async function installOnce({ file, what, command, env = {} }: Installation): Promise<void> {
  if (await isThere(file)) return;
  const [program, ...args] = command;
  say(`installing ${what}: ${command.join(' ')}`);
  await execa(program, args, { env: { ...env } });
}

/** An environment in which commands of these folders are found first. */
export function withPath(...folders: readonly string[]): Record<string, string> {
  return { PATH: [...folders, process.env['PATH'] ?? ''].join(path.delimiter) };
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}
