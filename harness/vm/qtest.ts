import type { Duplex } from 'node:stream';

/** A range of the guest's physical memory, in bytes. */
export interface PhysicalRange {
  readonly start: number;
  readonly length: number;
}

/**
 * A connection to QEMU's `qtest`, by which memory is written as a device would: with it goes all code that
 * QEMU has translated from there. Protocol: softmmu/qtest.c of QEMU.
 */
export class QtestClient {
  readonly #stream: Duplex;
  #awaited = 0;
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#receive(String(chunk)));
    for (const over of ['error', 'end', 'close']) {
      stream.on(over, () => this.#settle?.reject(new Error('QEMU closed the connection to qtest')));
    }
  }

  /** Clears ranges, which must not be used meanwhile: the machine is stopped. */
  async clear(ranges: readonly PhysicalRange[]): Promise<void> {
    if (ranges.length === 0) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#awaited = ranges.length;
    this.#settle = { resolve, reject };
    const lines = ranges.map(({ start, length }) => `memset ${hex(start)} ${hex(length)} 0x0\n`);
    this.#stream.write(lines.join(''));
    await promise;
  }

  #receive(text: string): void {
    if (/FAIL|ERR/.test(text)) this.#settle?.reject(new Error(`qtest: ${text.trim()}`));
    this.#awaited -= text.split('\n').length - 1;
    if (this.#awaited === 0) this.#settle?.resolve();
  }
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
