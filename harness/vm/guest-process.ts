import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Duplex, PassThrough } from 'node:stream';
import { ConsoleFile } from './console-file.ts';
import { ConsoleRing } from './console-ring.ts';
import type { GuestExit } from './guest.ts';
import { GuestFiles } from './guest-files.ts';
import { parentBound } from './parent-bound.ts';
import {
  DESCRIPTORS,
  isRewindable,
  type QemuCommandOptions,
  qemuArguments,
  readsMemoryOnly,
} from './qemu-command.ts';
import { QmpClient, type QmpEvent } from './qmp.ts';
import { QtestClient } from './qtest.ts';
import { openUnnamedFile } from './unnamed-file.ts';
import { dropRoot } from './unprivileged-user.ts';

export interface GuestProcessOptions {
  /** Path of QEMU's binary. */
  readonly binary: string;
  /** What guest it is; its files are opened for QEMU. */
  readonly command: QemuCommandOptions;
  /** QEMU's arguments; those of the command where absent. */
  readonly args?: readonly string[];
  /** Path of the file that QEMU reads its state from. */
  readonly state?: string;
}

/** A panicked kernel restarts at once, and so ends QEMU; one that cannot is ended after this long. */
const PANIC_GRACE_MS = 1000;
/** How much of what QEMU prints itself is kept. */
const STDERR_CHARACTERS = 16_384;

/** QEMU and all that connects us to it. Disposing kills it and waits until it is gone. */
export class GuestProcess implements AsyncDisposable {
  readonly qmp: QmpClient;
  readonly port: Duplex;
  /** What rewinding needs, where QEMU was told to have it. */
  readonly rewinder: { readonly qtest: QtestClient; readonly disk: number } | undefined;
  /** Resolves when QEMU is gone, whichever way; never rejects. */
  readonly exited: Promise<GuestExit>;
  readonly #ring = new ConsoleRing({ onPanic: () => this.#killAfterPanic() });
  readonly #console = new ConsoleFile(chunk => this.#ring.write(chunk));
  readonly #child: ReturnType<typeof spawnQemu>;
  #stderr = '';
  #shutdown: QmpEvent | undefined;
  #disposed = false;

  constructor(options: GuestProcessOptions) {
    const { command, state } = options;
    const disk = command.incoming && isRewindable(command) ? openUnnamedFile() : undefined;
    using files = new GuestFiles(command, state);
    this.#child = spawnQemu(options, { console: this.#console.descriptor, disk, files });
    this.exited = this.#exit();
    const { monitor, agent, qtest } = DESCRIPTORS;
    this.qmp = new QmpClient(this.#socket(monitor));
    this.qmp.onEvent(event => this.#take(event));
    this.port = this.#socket(agent);
    this.rewinder =
      disk === undefined ? undefined : { qtest: new QtestClient(this.#socket(qtest)), disk };
    if (disk !== undefined) void this.exited.then(() => closeSync(disk));
    this.#child.stderr?.on('data', chunk => {
      this.#stderr = (this.#stderr + chunk).slice(-STDERR_CHARACTERS);
    });
  }

  /** QEMU's process; undefined if it did not start. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves when the guest has printed anything. */
  get firstOutput(): Promise<void> {
    return this.#ring.firstOutput;
  }

  /** The last lines that the guest printed, oldest first. */
  consoleTail(lines?: number): string[] {
    this.#console.read();
    return this.#ring.tail(lines);
  }

  /** Forgets what the guest has printed until now. */
  forgetConsole(): void {
    this.#console.read();
    this.#ring.clear();
  }

  /** What QEMU itself printed, trimmed. */
  get stderr(): string {
    return this.#stderr.trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#child.kill('SIGKILL');
    this.port.destroy();
    await this.exited;
  }

  #socket(descriptor: number): Duplex {
    const stream = this.#stream(descriptor) ?? new PassThrough();
    if (!(stream instanceof Duplex)) throw new TypeError(`no socket at descriptor ${descriptor}`);
    // A process that was not started has no sockets; `exited` says why.
    if (this.#child.pid === undefined) stream.destroy();
    // What a broken connection means is said by `exited`.
    stream.on('error', () => {});
    return stream;
  }

  /** Undefined for a process that could not be started: Node leaves out all of its streams then. */
  #stream(descriptor: number) {
    const { stdio }: { readonly stdio?: ChildProcess['stdio'] } = this.#child;
    return stdio?.[descriptor];
  }

  async #exit(): Promise<GuestExit> {
    const ended = await new Promise<string | Error>(resolve => {
      this.#child.once('error', resolve);
      this.#child.once('exit', (code, signal) => resolve(exitWords(code, signal)));
    });
    await this.#drained();
    if (typeof ended === 'string') return this.#describe(ended);
    const detail = `QEMU did not start: ${ended.message} (setpriv is part of util-linux)`;
    return { reason: 'not-started', detail, cause: ended };
  }

  /** What QEMU said last is still on its way when it is gone already. */
  async #drained(): Promise<void> {
    const streams = [this.#child.stderr, this.#stream(DESCRIPTORS.monitor)];
    const open = streams.filter(stream => stream instanceof Duplex && !stream.destroyed);
    await Promise.all(open.map(stream => new Promise(resolve => stream?.once('close', resolve))));
    this.#console[Symbol.dispose]();
  }

  #describe(ended: string): GuestExit {
    const { panic } = this.#ring;
    if (panic !== undefined) return { reason: 'panic', detail: panic };
    if (this.#disposed) return { reason: 'disposed', detail: 'it was ended from this side' };
    const reason = this.#shutdown?.data['reason'];
    if (reason === 'guest-shutdown') return { reason: 'shutdown', detail: 'it powered itself off' };
    if (reason === 'guest-reset') return { reason: 'reset', detail: 'it restarted itself' };
    const said = this.stderr.split('\n').at(-1) ?? '';
    return { reason: 'qemu-exit', detail: said === '' ? `QEMU ${ended}` : said };
  }

  #take(event: QmpEvent): void {
    if (event.event === 'SHUTDOWN') this.#shutdown = event;
  }

  #killAfterPanic(): void {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PANIC_GRACE_MS);
    void this.exited.then(() => clearTimeout(timer));
  }
}

function exitWords(code: number | null, signal: NodeJS.Signals | null): string {
  // A memory file has holes; a page that the disk has no room for is noticed only when it is touched.
  if (signal === 'SIGBUS') return 'ended with SIGBUS: no space left on device for its memory';
  return `ended with ${signal ?? `exit code ${code}`}`;
}

interface Files {
  readonly console: number;
  /** Absent where a guest cannot be rewound. */
  readonly disk: number | undefined;
  readonly files: GuestFiles;
}

function spawnQemu(options: GuestProcessOptions, { console, disk, files }: Files) {
  const { binary, command, args = qemuArguments(command) } = options;
  const { file, args: words } = parentBound({
    file: binary,
    args,
    privileges: privileges(command, files),
  });
  const { state, memory, kernel, initramfs } = DESCRIPTORS;
  return spawn(file, words, {
    stdio: [
      ...(['ignore', 'ignore', 'pipe', 'pipe', 'pipe', console] as const),
      ...(disk === undefined ? (['ignore', 'ignore'] as const) : (['pipe', disk] as const)),
      ...[state, memory, kernel, initramfs].map(descriptor => files.at(descriptor) ?? 'ignore'),
    ],
    // No secret of the environment reaches QEMU. A full disk is known by its words, and the C locale saves 30 files.
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    // A process group of its own: Ctrl-C on the terminal is ours to handle.
    detached: true,
  });
}

/** A guest that is saved runs no fixture, and its memory is a file of this user. */
function privileges(command: QemuCommandOptions, files: GuestFiles): readonly string[] {
  const { memory, accelerator } = command;
  const none = ['--no-new-privs'];
  if (memory.kind === 'shared-file') return none;
  const file = files.at(DESCRIPTORS.memory);
  const inMemory = file === undefined ? [] : [file];
  const access = readsMemoryOnly(command)
    ? { read: [...files.others(), ...inMemory], written: [] }
    : { read: files.others(), written: inMemory };
  return [...none, ...dropRoot({ accelerator, ...access })];
}
