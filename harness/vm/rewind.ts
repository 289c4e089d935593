import { readFileSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { failsWhenEnded } from './boot.ts';
import { withDeadline } from './deadline.ts';
import type { Rewinding } from './guest.ts';
import { guestTimeout } from './guest-error.ts';
import type { GuestProcess } from './guest-process.ts';
import { type ChangedPages, PAGE_BYTES, PrivateMemory } from './private-memory.ts';
import { inherited } from './qemu-command.ts';
import type { PhysicalRange, QtestClient } from './qtest.ts';
import type { SnapshotFiles } from './snapshot.ts';
import { STATE_NAME, stateDisk, withoutFlush } from './state-disk.ts';
import { Stopwatch } from './stopwatch.ts';

const NODE = 'state';
/** Below 1 MiB there are ROMs over the memory from here on; nothing runs there once the kernel does. */
const ROMS = { first: 0xa_0000 / PAGE_BYTES, end: 0x10_0000 / PAGE_BYTES };

/** It takes some 20 ms; this is for a machine that is very busy. */
const REWIND_MS = 15_000;

/** What a process has of its own: a guest and its translated code take 60 MB after a load, and grow slowly. */
const LARGE_BYTES = 256e6;

/**
 * How long a guest may have run in all. Going back, QEMU keeps its time stamp counter from going back with the rest
 * (cpu_ticks_prev in its cpu-timers), so the kernel's clock is ahead by as much as the guest has run before. Far ahead, the
 * kernel takes it for a processor that was stuck (kernel/watchdog.c).
 */
const FAR_MS = 5000;

/**
 * How a restored guest is used again; undefined where it cannot be.
 *
 * @param startedAt when it was started, by `performance.now`
 */
export function rewindingOf(
  guest: GuestProcess,
  files: SnapshotFiles,
  startedAt: number,
): Rewinding | undefined {
  const { rewinder, qmp } = guest;
  if (rewinder === undefined) return undefined;
  const running = new Stopwatch(startedAt);
  let prepared: Promise<Rewind> | undefined;
  void guest.exited.then(async () => (await prepared)?.[Symbol.dispose]()).catch(() => {});
  const run = async () => {
    prepared ??= Rewind.prepare(guest, rewinder, files);
    await (await prepared).run();
    running.start();
    guest.forgetConsole();
  };
  return {
    get isWorn() {
      return running.milliseconds > FAR_MS || ownMemory(guest.pid) > LARGE_BYTES;
    },
    pause: () => {
      running.stop();
      // One that is gone is noticed when it is wanted again.
      void qmp.execute('stop').catch(() => {});
    },
    rewind: () =>
      withDeadline(Promise.race([run(), failsWhenEnded(guest)]), {
        ms: REWIND_MS,
        error: () => guestTimeout('go back to its snapshot', REWIND_MS, guest),
      }),
  };
}

/**
 * Takes a restored guest back to its snapshot, in the QEMU that it runs in: its memory is made as it was, page by
 * page, and its state is loaded again.
 *
 * What it is for: QEMU keeps the code that it has translated, which is most of what a restored guest costs. It
 * forgets the code of each page that is written to, so that none stays that was made from other instructions.
 */
class Rewind implements Disposable {
  readonly #guest: GuestProcess;
  readonly #qtest: QtestClient;
  readonly #memory: PrivateMemory;

  private constructor(guest: GuestProcess, qtest: QtestClient, memory: PrivateMemory) {
    this.#guest = guest;
    this.#qtest = qtest;
    this.#memory = memory;
  }

  /** Prepares a guest that runs. Throws an Error when it cannot be rewound here; the guest is as before. */
  static async prepare(
    guest: GuestProcess,
    { qtest, disk }: NonNullable<GuestProcess['rewinder']>,
    files: SnapshotFiles,
  ): Promise<Rewind> {
    const { pid } = guest;
    if (pid === undefined) throw new Error('QEMU is not running');
    const state = withoutFlush(await readFile(files.state));
    if (state === undefined) throw new Error('the saved state has another form');
    using cleanup = new DisposableStack();
    const memory = cleanup.use(new PrivateMemory(pid, files.memory));
    writeSync(disk, stateDisk(state), 0, undefined, 0);
    await addDisk(guest);
    cleanup.move();
    return new Rewind(guest, qtest, memory);
  }

  /** Takes the guest back. It must be idle, and goes on at once. Throws an Error, after which it must be ended. */
  async run(): Promise<void> {
    const { qmp } = this.#guest;
    await qmp.execute('stop');
    const changes = this.#memory.changed();
    await this.#qtest.clear(codeRanges(changes));
    this.#memory.restore(changes);
    // There is a command for it besides this one of the human monitor, but it is a job: five messages more.
    const said = await qmp.execute('human-monitor-command', {
      'command-line': `loadvm ${STATE_NAME}`,
    });
    if (said !== '') throw new Error(String(said).trim());
    await qmp.execute('cont');
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
  }
}

/** QEMU notes in the image what it has loaded, so each guest has one of its own. */
async function addDisk({ qmp }: GuestProcess): Promise<void> {
  await qmp.execute('blockdev-add', {
    ...{ driver: 'qcow2', 'node-name': NODE, cache: { 'no-flush': true } },
    file: { driver: 'file', filename: inherited('disk'), locking: 'off' },
  });
}

/** Where code may have been translated from, of what has changed; pages side by side are one range. */
function codeRanges(changes: readonly ChangedPages[]): PhysicalRange[] {
  const ranges: { start: number; length: number }[] = [];
  for (const { first, saved } of changes) {
    if (first >= ROMS.first && first < ROMS.end) continue;
    const [start, last] = [first * PAGE_BYTES, ranges.at(-1)];
    if (last !== undefined && last.start + last.length === start) last.length += saved.length;
    else ranges.push({ start, length: saved.length });
  }
  return ranges;
}

/** Bytes of memory that no other process shares; 0 for one that is gone. */
function ownMemory(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
