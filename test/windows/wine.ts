import { access, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { type LoopbackSsh, openLoopbackSsh } from '../support/loopback-ssh.ts';

const COMPILER = 'x86_64-w64-mingw32-gcc';

/** Whether this machine can run programs for Windows, and compile a library for them. */
export const hasWine =
  process.arch === 'x64' && (await works('wine', '--version')) && (await works(COMPILER, '-v'));

async function works(file: string, argument: string): Promise<boolean> {
  return !(await execa(file, [argument], { reject: false, stdin: 'ignore' })).failed;
}

/** A Windows of Wine's that one test file uses alone. */
export interface Wine extends AsyncDisposable {
  /** A new folder of this machine's, which `windowsPath` names there. */
  readonly folder: string;
  /** What its programs need to be started with, beside the folder for temporary files. */
  readonly environment: Readonly<Record<string, string>>;
  /** The folder for temporary files (TMPDIR). */
  readonly temporary: string;
  /** A command that starts the program whose name and arguments follow, whatever TMPDIR is. */
  readonly command: readonly [string, ...string[]];
  /** Where its user's files are, on this machine. */
  readonly home: string;
  /** Runs a program of its own to the end. */
  run(args: readonly string[], variables?: Readonly<Record<string, string>>): Promise<WineEnded>;
}

export interface WineEnded {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}

/** Sets up a Windows 10 in a folder of its own. Takes 4 s. */
export async function openWine(): Promise<Wine> {
  await using cleanup = new AsyncDisposableStack();
  const { path: folder } = cleanup.use(await openTempFolder('wine'));
  const [prefix, temporary] = [path.join(folder, 'prefix'), path.join(folder, 'temporary')];
  await mkdir(prefix);
  await mkdir(temporary);
  const environment = {
    ...{ WINEPREFIX: prefix, WINEDEBUG: '-all' },
    // No .NET and no Internet Explorer, which Wine would ask about, and nothing in menus.
    WINEDLLOVERRIDES: 'mscoree,mshtml,winemenubuilder.exe=',
  };
  // By the folder for temporary files its programs find each other.
  const env = { ...environment, TMPDIR: temporary };
  const start = (args: readonly string[], variables: Readonly<Record<string, string>> = {}) =>
    execa('wine', args, { env: { ...env, ...variables }, stdin: 'ignore', reject: false });
  cleanup.defer(async () => {
    await execa('wineserver', ['--kill'], { env, reject: false });
    await execa('wineserver', ['--wait'], { env, reject: false });
  });
  // Services keep the output of who starts them.
  const quiet = { env, stdout: 'ignore', stderr: 'ignore', reject: false } as const;
  await execa('wine', ['wineboot', '--init'], { ...quiet, stdin: 'ignore' });
  // While a program runs, Windows does, and the next one starts at once.
  void execa('wine', ['cmd'], { ...quiet, stdin: 'pipe' });
  await start(['reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f']);
  await addRandom(path.join(prefix, 'drive_c/windows/system32/bcryptprimitives.dll'));
  const { stdout } = await start(['cmd', '/c', 'echo %USERNAME%']);
  const home = path.join(prefix, 'drive_c/users', stdout.trim());
  const owned = cleanup.move();
  return {
    ...{ folder, temporary, environment, home },
    command: ['env', `TMPDIR=${temporary}`, 'wine'],
    run: async (args, variables) => {
      const { stdout: out, stderr, exitCode } = await start(args, variables);
      return { stdout: out, stderr, exitCode };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** An ssh server whose sessions are in that Windows. */
export async function openWindowsSsh(
  { home, environment, temporary }: Wine,
  variables: Readonly<Record<string, string>> = {},
): Promise<LoopbackSsh> {
  const shell = path.join(import.meta.dirname, 'wine/shell.sh');
  const all = Object.entries({ ...environment, TMPDIR: temporary, ...variables });
  const words = all.map(([name, value]) => `${name}='${value}'`);
  return openLoopbackSsh({
    settings: () => [`ForceCommand env ${words.join(' ')} ${shell} '${home}'`],
  });
}

/** How a program there names a file of this machine's. */
export function windowsPath(file: string): string {
  return `Z:${file.replaceAll('/', '\\')}`;
}

/** Compiles a library for Windows. */
export async function compileLibrary(library: string, sources: readonly string[]): Promise<void> {
  const flags = [
    '-std=c17',
    '-O1',
    '-DWIN32_LEAN_AND_MEAN',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-shared',
    '-static',
  ];
  await execa(COMPILER, [...flags, '-o', library, ...sources, '-ladvapi32']);
}

async function addRandom(library: string): Promise<void> {
  const isThere = await access(library).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  await compileLibrary(library, [path.join(import.meta.dirname, 'wine/bcryptprimitives.c')]);
}
