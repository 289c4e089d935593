import { closeSync, fstatSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';

export const PAGE_BYTES = 4096;
/** Bytes of /proc/PID/pagemap for a page, and its flags: Documentation/admin-guide/mm/pagemap.rst. */
const ENTRY_BYTES = 8;
const [PRESENT, SWAPPED, OF_FILE] = [0x80, 0x40, 0x20];
/** How many pages are compared at once. */
const RUN_PAGES = 64;

/** Pages of a guest that are other than in its file, one after the other. */
export interface ChangedPages {
  /** The number of the first one. */
  readonly first: number;
  /** What the file has there. */
  readonly saved: Buffer;
}

/**
 * A process's private mapping of a file, seen from outside: the pages that it has changed, and a way to write
 * them. All calls block for a few milliseconds; the process should not run meanwhile.
 */
export class PrivateMemory implements Disposable {
  readonly #stack: DisposableStack;
  readonly #file: number;
  readonly #pagemap: number;
  readonly #memory: number;
  readonly #start: number;
  readonly #pages: number;

  /** @throws Error when the process or its mapping is not there, or may not be looked into. */
  constructor(pid: number, path: string) {
    using stack = new DisposableStack();
    const open = (name: string, flags: string) => {
      const descriptor = openSync(name, flags);
      stack.defer(() => closeSync(descriptor));
      return descriptor;
    };
    this.#file = open(path, 'r');
    this.#pagemap = open(`/proc/${pid}/pagemap`, 'r');
    this.#memory = open(`/proc/${pid}/mem`, 'r+');
    const { ino, size } = fstatSync(this.#file);
    this.#pages = size / PAGE_BYTES;
    this.#start = findMapping(readFileSync(`/proc/${pid}/maps`, 'utf8'), { ino, size });
    this.#stack = stack.move();
  }

  /** Pages that are other than in the file; a page that was written and is the same again is none. */
  changed(): ChangedPages[] {
    return this.#writtenRuns().flatMap(run => this.#differences(run));
  }

  /** Makes pages as they are in the file. */
  restore(changes: readonly ChangedPages[]): void {
    for (const { first, saved } of changes) {
      const written = writeSync(this.#memory, saved, 0, saved.length, this.#address(first));
      if (written !== saved.length) throw new Error(`${written} of ${saved.length} bytes written`);
    }
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  #address(page: number): number {
    return this.#start + page * PAGE_BYTES;
  }

  /** Runs of pages that the process has copies of its own of. */
  #writtenRuns(): { first: number; count: number }[] {
    const entries = Buffer.allocUnsafe(this.#pages * ENTRY_BYTES);
    const position = (this.#start / PAGE_BYTES) * ENTRY_BYTES;
    if (readSync(this.#pagemap, entries, 0, entries.length, position) !== entries.length) {
      throw new Error('the pagemap ends before the mapping');
    }
    const runs: { first: number; count: number }[] = [];
    for (let page = 0; page < this.#pages; page++) {
      if (!isWritten(entries[page * ENTRY_BYTES + ENTRY_BYTES - 1] ?? 0)) continue;
      const last = runs.at(-1);
      if (last !== undefined && last.first + last.count === page && last.count < RUN_PAGES) {
        last.count++;
      } else runs.push({ first: page, count: 1 });
    }
    return runs;
  }

  #differences({ first, count }: { first: number; count: number }): ChangedPages[] {
    const [now, saved] = [Buffer.alloc(count * PAGE_BYTES), Buffer.alloc(count * PAGE_BYTES)];
    readSync(this.#memory, now, 0, now.length, this.#address(first));
    readSync(this.#file, saved, 0, saved.length, first * PAGE_BYTES);
    const differences: ChangedPages[] = [];
    for (let page = 0; page < count; page++) {
      const [from, to] = [page * PAGE_BYTES, (page + 1) * PAGE_BYTES];
      if (now.compare(saved, from, to, from, to) === 0) continue;
      differences.push({ first: first + page, saved: saved.subarray(from, to) });
    }
    return differences;
  }
}

/** A page of a private mapping that is no page of the file is the process's own copy, wherever it is kept. */
function isWritten(flags: number): boolean {
  return (flags & SWAPPED) !== 0 || ((flags & PRESENT) !== 0 && (flags & OF_FILE) === 0);
}

/** Where a process has mapped the whole of a file, by /proc/PID/maps. */
function findMapping(maps: string, { ino, size }: { ino: number; size: number }): number {
  for (const line of maps.split('\n')) {
    const [range = '', , offset = '', , inode] = line.split(/\s+/);
    if (Number(inode) !== ino || Number.parseInt(offset, 16) !== 0) continue;
    const [start = 0, end = 0] = range.split('-').map(text => Number.parseInt(text, 16));
    if (end - start === size) return start;
  }
  throw new Error('the file is not mapped as a whole');
}
