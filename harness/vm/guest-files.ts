import { closeSync, openSync } from 'node:fs';
import { DESCRIPTORS, isRewindable, type QemuCommandOptions } from './qemu-command.ts';

/** Files that are opened for QEMU, each by the descriptor that it finds it at. Disposing closes them on this side. */
export class GuestFiles implements Disposable {
  readonly #descriptors = new Map<number, number>();

  /** @throws Error when one of them is not there. */
  constructor(command: QemuCommandOptions, state: string | undefined) {
    try {
      for (const [name, path, flags] of neededFiles(command, state)) {
        this.#descriptors.set(DESCRIPTORS[name], openSync(path, flags));
      }
    } catch (thrown) {
      this[Symbol.dispose]();
      throw thrown;
    }
  }

  /** The descriptor on this side of what QEMU finds at another one. */
  at(descriptor: number): number | undefined {
    return this.#descriptors.get(descriptor);
  }

  /** Descriptors on this side, of all files but the memory. */
  others(): number[] {
    const memory = this.at(DESCRIPTORS.memory);
    return [...this.#descriptors.values()].filter(descriptor => descriptor !== memory);
  }

  [Symbol.dispose](): void {
    for (const descriptor of this.#descriptors.values()) closeSync(descriptor);
    this.#descriptors.clear();
  }
}

type Needed = [keyof typeof DESCRIPTORS, string, 'r' | 'w+'];

function neededFiles(command: QemuCommandOptions, state: string | undefined): Needed[] {
  const { memory, kernel, initramfs, incoming = false } = command;
  const needed: Needed[] = [];
  if (state !== undefined) needed.push(['state', state, 'r']);
  if (memory.kind === 'shared-file') needed.push(['memory', memory.path, 'w+']);
  if (memory.kind === 'private-file') needed.push(['memory', memory.path, 'r']);
  if (!(incoming && isRewindable(command))) {
    needed.push(['kernel', kernel, 'r'], ['initramfs', initramfs, 'r']);
  }
  return needed;
}
