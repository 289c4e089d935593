import { execa } from 'execa';
import type { KernelTree } from '../kernel-trees.ts';

/** A way to ask a kernel whether it takes an object. */
export interface Peer {
  readonly name: string;
  /** Installs what it needs, and finds out whether it can be used at all. */
  prepare(setting: Setting): Promise<PreparedPeer>;
}

export interface Setting {
  /** A folder that lasts from one benchmark to the next. */
  readonly folder: string;
  /** The kernels to be asked; the first is the one of the measurement with one kernel. */
  readonly trees: readonly KernelTree[];
  /** Path of the object. */
  readonly object: string;
}

export type PreparedPeer =
  | {
      readonly kind: 'usable';
      readonly version: string;
      /** The command that a user would type, for the table. */
      readonly command: string;
      /** The kernels that it can be measured on, where they are not those of the setting. */
      readonly trees?: readonly KernelTree[];
      /** What makes its numbers something else than those of the others. */
      readonly remark?: string;
      /** Boots that kernel and loads the object; throws unless the guest said that it is loaded. */
      load(tree: KernelTree): Promise<void>;
    }
  | { readonly kind: 'unusable'; readonly reason: string };

/** Longer than any boot takes here. */
const BOOT_SECONDS = 120;

/**
 * Runs what boots a guest, and gives what it printed. A guest that hangs is ended with all that the tool has started:
 * coreutils' `timeout` signals its process group.
 */
export async function boot(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<string> {
  const limit = ['--kill-after=5', String(BOOT_SECONDS)];
  const ended = await execa('timeout', [...limit, file, ...args], {
    ...{ env, all: true, stdin: 'ignore', reject: false },
  });
  if (ended.exitCode === 124) throw new Error(`it did not end in ${BOOT_SECONDS} s`);
  return ended.all;
}

/** What runs in the guest, in a shell. */
export function guestScript(object: string): string {
  return `uname -r; bpftool prog load ${object} /sys/fs/bpf/bench && echo LOADED`;
}

/** Throws unless the guest was of that kernel and said that the object is loaded. */
export function requireLoaded(output: string, { release }: KernelTree): void {
  // What the firmware and the terminal put before the first line does not matter.
  if (!output.replaceAll('\r', '').includes(`${release}\nLOADED\n`)) {
    throw new Error(`${release} did not load the object:\n${output.slice(-2000)}`);
  }
}
