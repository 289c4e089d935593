import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';

export interface ConsoleRingOptions {
  /** How many lines are kept. */
  readonly lines?: number;
  /** A longer line is cut to this many characters. */
  readonly lineLength?: number;
  /** Called once, with the line, as soon as the kernel says that it panics. */
  readonly onPanic?: (line: string) => void;
}

/** What panic() of kernel/panic.c prints first. */
const PANIC = 'Kernel panic - not syncing';

/** The last lines that a guest printed on its console; memory is bounded, whatever the guest prints. */
export class ConsoleRing {
  readonly #maxLines: number;
  readonly #lineLength: number;
  readonly #onPanic: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  readonly #firstOutput = Promise.withResolvers<void>();
  #lines: string[] = [];
  #current = '';
  #panic: string | undefined;

  constructor({ lines = 200, lineLength = 512, onPanic = () => {} }: ConsoleRingOptions = {}) {
    this.#maxLines = lines;
    this.#lineLength = lineLength;
    this.#onPanic = onPanic;
  }

  /** The line with which the kernel panicked, without its time stamp. */
  get panic(): string | undefined {
    return this.#panic;
  }

  /** Resolves when anything was printed. */
  get firstOutput(): Promise<void> {
    return this.#firstOutput.promise;
  }

  /** Takes what the console printed, in pieces of any size. */
  write(chunk: Uint8Array): void {
    this.#firstOutput.resolve();
    const pieces = this.#decoder.write(chunk).split('\n');
    const unfinished = pieces.pop() ?? '';
    for (const piece of pieces) {
      this.#append(piece);
      this.#finishLine();
    }
    this.#append(unfinished);
  }

  /** The last lines, oldest first, without empty ones and control characters; the last may be unfinished. */
  tail(lines = this.#maxLines): string[] {
    const all = [...this.#lines, printable(this.#current)].filter(line => line !== '');
    return all.slice(Math.max(0, all.length - lines));
  }

  /** Forgets all lines. */
  clear(): void {
    this.#lines = [];
    this.#current = '';
  }

  #append(text: string): void {
    const room = this.#lineLength - this.#current.length;
    this.#current += text.slice(0, Math.max(0, room));
  }

  #finishLine(): void {
    const line = printable(this.#current);
    this.#current = '';
    if (line === '') return;
    this.#lines.push(line);
    if (this.#lines.length >= 2 * this.#maxLines) this.#lines = this.#lines.slice(-this.#maxLines);
    if (this.#panic === undefined && line.includes(PANIC)) {
      this.#panic = line.slice(line.indexOf(PANIC));
      this.#onPanic(this.#panic);
    }
  }
}

/** A guest decides what it prints: nothing of it may drive the user's terminal. */
function printable(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
  return stripVTControlCharacters(line).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}
