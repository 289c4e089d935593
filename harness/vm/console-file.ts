import { closeSync, fstatSync, readSync } from 'node:fs';
import { openUnnamedFile } from './unnamed-file.ts';

/** How often it is looked at by itself, in milliseconds. */
const LOOK_MS = 100;
const CHUNK_BYTES = 65_536;

/**
 * A file without a name that QEMU appends a guest's console to.
 *
 * It takes everything at once, whatever this process is doing. A socket does not: each character takes a
 * buffer of its own in it, so that some 280 fill it, and a kernel that cannot send one for 10 ms drops it
 * (wait_for_xmitr of drivers/tty/serial/8250): on a busy machine panics arrived with holes.
 */
export class ConsoleFile implements Disposable {
  readonly descriptor: number;
  readonly #onOutput: (chunk: Buffer) => void;
  readonly #timer: NodeJS.Timeout;
  #position = 0;
  #open = true;

  constructor(onOutput: (chunk: Buffer) => void) {
    this.#onOutput = onOutput;
    this.descriptor = openUnnamedFile();
    this.#timer = setInterval(() => this.read(), LOOK_MS);
    this.#timer.unref();
  }

  /** Hands on what came since the last look. */
  read(): void {
    if (!this.#open || fstatSync(this.descriptor).size <= this.#position) return;
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let count = CHUNK_BYTES; count === CHUNK_BYTES; ) {
      count = readSync(this.descriptor, chunk, 0, CHUNK_BYTES, this.#position);
      this.#position += count;
      if (count > 0) this.#onOutput(chunk.subarray(0, count));
    }
  }

  /** Reads the rest and closes it. */
  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.read();
    this.#open = false;
    clearInterval(this.#timer);
    closeSync(this.descriptor);
  }
}
