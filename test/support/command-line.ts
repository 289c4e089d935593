import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';

export const PACKAGE_ROOT = path.resolve(import.meta.dirname, '../..');
export const BIN = path.join(PACKAGE_ROOT, 'bin/crossbpf.js');

const MARK = 'CROSSBPF_TEST_SANDBOX';
/** A killed parent's children are gone soon after it, not with it. */
const GRACE_MS = 30_000;

/** What a command line said, and how it ended. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
}

/** A command line that is still running, in a process group of its own as a shell would start it. */
export interface Running {
  readonly pid: number;
  /** What it has written to either output until now. */
  said(): string;
  readonly ended: Promise<Ended>;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** Folders for working, for temporary files and for the cache, that a test alone uses. */
export interface Sandbox extends AsyncDisposable {
  readonly folder: string;
  readonly cacheRoot: string;
  readonly temporary: string;
  /** Writes a file into the working folder, and gives its path. */
  write(name: string, content: string | Buffer): Promise<string>;
  /** Runs the real command line to its end. */
  run(args: readonly string[], variables?: Variables): Promise<Ended>;
  start(args: readonly string[], variables?: Variables): Running;
  /** Runs any command as the sandbox's own. */
  execute(command: readonly [string, ...string[]], variables?: Variables): Promise<Ended>;
  /** Processes, temporary files and drafts of cache entries that are still there. */
  leftovers(): Promise<string[]>;
}

/** Makes a sandbox; `cacheRoot` is elsewhere where it is given. */
export async function openSandbox(cacheRoot?: string): Promise<Sandbox> {
  const root = await openTempFolder('sandbox');
  const [folder, temporary] = ['work', 'temporary'].map(name => path.join(root.path, name)) as [
    string,
    string,
  ];
  await mkdir(folder);
  await mkdir(temporary);
  const cache = cacheRoot ?? path.join(root.path, 'cache');
  const mark = randomUUID();
  const own = { TMPDIR: temporary, CROSSBPF_CACHE: cache, [MARK]: mark };
  const start = ([command, ...args]: readonly [string, ...string[]], variables: Variables = {}) =>
    startCommand({ command, args, folder, variables: { ...own, ...variables } });
  return {
    ...{ folder, temporary, cacheRoot: cache },
    async write(name, content) {
      const file = path.join(folder, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
      return file;
    },
    run: (args, variables) => start([process.execPath, BIN, ...args], variables).ended,
    start: (args, variables) => start([process.execPath, BIN, ...args], variables),
    execute: (command, variables) => start(command, variables).ended,
    leftovers: () => findLeftovers({ mark, temporary, cache }),
    // A test that fails in the middle leaves its command running.
    async [Symbol.asyncDispose]() {
      for (const { pid } of await processesOf(mark)) process.kill(pid, 'SIGKILL');
      await root[Symbol.asyncDispose]();
    },
  };
}

interface StartedCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly variables: Variables;
}

function startCommand({ command, args, folder, variables }: StartedCommand): Running {
  const env = {
    ...{ ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, NODE_OPTIONS: undefined },
    ...{ VITEST: undefined, NODE_ENV: undefined, ...variables },
  };
  const child = execa(command, args, {
    ...{ cwd: folder, env, extendEnv: false, detached: true, cleanup: true },
    ...{ reject: false, stdin: 'ignore', stripFinalNewline: false },
  });
  const ended = child.then(({ stdout, stderr, exitCode, signal }) => ({
    ...{ stdout, stderr, exitCode, signal },
  }));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', chunk => {
      said += chunk;
    });
  }
  return { pid: child.pid ?? 0, ended, said: () => said };
}

interface Places {
  readonly mark: string;
  readonly temporary: string;
  readonly cache: string;
}

async function findLeftovers(places: Places): Promise<string[]> {
  const deadline = Date.now() + GRACE_MS;
  let processes = await processesOf(places.mark);
  while (processes.length > 0 && Date.now() < deadline) {
    await setTimeout(50);
    processes = await processesOf(places.mark);
  }
  const temporary = await readdir(places.temporary);
  const cached = await readdir(places.cache, { recursive: true }).catch(() => []);
  const drafts = cached.filter(name => /^tmp-|\.discarded$/.test(path.basename(name)));
  const left = processes.map(({ pid, command }) => `process ${pid}: ${command.slice(0, 200)}`);
  return [...left, ...temporary, ...drafts];
}

interface MarkedProcess {
  readonly pid: number;
  readonly command: string;
}

async function processesOf(mark: string): Promise<MarkedProcess[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const found = await Promise.all(pids.map(pid => describeProcess(pid, mark)));
  return found.filter(process => process !== undefined);
}

async function describeProcess(pid: string, mark: string): Promise<MarkedProcess | undefined> {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
  if (!(await read('environ')).includes(`${MARK}=${mark}`)) return undefined;
  const command = (await read('cmdline')).replaceAll('\0', ' ').trim();
  return command === '' ? undefined : { pid: Number(pid), command };
}

/** A fixture with one program that every kernel accepts; `name` makes its object differ from others'. */
export function smallFixture(name = 'pass'): string {
  return `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("xdp") int ${name}(struct xdp_md *ctx) { return XDP_PASS; }
`;
}

/** A folder of links to some commands alone, for a PATH that lacks the others. */
export async function folderOfCommands(
  sandbox: Sandbox,
  names: readonly string[],
): Promise<string> {
  const folder = path.join(path.dirname(sandbox.folder), 'commands');
  await mkdir(folder);
  await execa('sh', [
    '-c',
    `for name; do ln -s "$(command -v "$name")" '${folder}/'; done`,
    'sh',
    ...names,
  ]);
  return folder;
}
