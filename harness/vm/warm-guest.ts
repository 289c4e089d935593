import type { Duplex } from 'node:stream';
import { asError, CrossbpfError } from '../crossbpf-error.ts';
import { systemFailure } from '../system-failure.ts';
import { type BootOptions, bootGuest } from './boot.ts';
import type { Guest, GuestStart } from './guest.ts';
import { restoreGuest } from './restore.ts';
import type { SnapshotFacts } from './snapshot-facts.ts';
import {
  addSnapshot,
  discardSnapshot,
  findSnapshot,
  isSnapshotIntact,
  type StoredSnapshot,
  snapshotFolder,
} from './snapshot-store.ts';

/** What happens to snapshots on the way to a guest. */
export type SnapshotEvent =
  | { readonly type: 'snapshot:saving' }
  /** It could not be restored; another one is saved in its place. */
  | { readonly type: 'snapshot:discarded'; readonly reason: string }
  /** The cache cannot be written to, and holds none that this QEMU can use: the guest is booted. */
  | { readonly type: 'snapshot:unavailable'; readonly reason: string };

/** How a caller wants guests to be restored. */
export interface SnapshotOptions {
  /**
   * Says hello to the agent over its port, and rejects if it does not answer. Called when a guest was booted, before its
   * snapshot is saved, so that what the agent does only once is done; and after each restore, as its proof.
   */
  readonly greet: (port: Duplex, start: GuestStart) => Promise<void>;
  readonly onEvent?: ((event: SnapshotEvent) => void) | undefined;
}

export interface WarmGuestOptions extends BootOptions, SnapshotOptions {
  readonly cacheRoot: string;
  /** The name of the snapshot; see `snapshotKey`. */
  readonly key: string;
  /** What is noted beside it. */
  readonly facts: SnapshotFacts;
  /** Called with the snapshot's memory, which the guest and later ones need. */
  readonly hold: (path: string) => void;
}

/** A restore takes 0.1 s; this is for a machine that is very busy. */
const RESTORE_MS = 15_000;

/**
 * Restores a guest from its snapshot, which is saved first if there is none. A snapshot that cannot be
 * restored is thrown away and saved anew, once. With a cache that is read-only the guest is booted instead.
 */
export async function warmGuest(options: WarmGuestOptions): Promise<Guest> {
  try {
    return await restoreOrSave(options);
  } catch (thrown) {
    const trouble = systemFailure(thrown);
    if (trouble?.code !== 'INFRA_SYSTEM_EROFS') throw thrown;
    options.onEvent?.({ type: 'snapshot:unavailable', reason: trouble.message });
    return bootGuest(options);
  }
}

async function restoreOrSave(options: WarmGuestOptions): Promise<Guest> {
  const folder = snapshotFolder(options.cacheRoot, options.key);
  const snapshot = await findSnapshot(folder);
  if (snapshot === undefined) return restore(await save(folder, options), options);
  try {
    if (!(await isSnapshotIntact(folder))) throw new Error('its files are damaged');
    return await restore(snapshot, options);
  } catch (thrown) {
    options.signal?.throwIfAborted();
    throwIfSystemFailed(thrown);
    await discardSnapshot(snapshot, options.signal);
    options.onEvent?.({ type: 'snapshot:discarded', reason: asError(thrown).message });
    return restore(await save(folder, options), options);
  }
}

/** What this machine refuses (processes, descriptors, memory) says nothing of the snapshot. */
function throwIfSystemFailed(thrown: unknown): void {
  const trouble = systemFailure(thrown);
  if (trouble !== undefined) throw trouble;
  if (thrown instanceof CrossbpfError && thrown.code.startsWith('INFRA_SYSTEM_')) throw thrown;
}

function save(folder: string, options: WarmGuestOptions): Promise<StoredSnapshot> {
  const onSaving = () => options.onEvent?.({ type: 'snapshot:saving' });
  const prepare = (port: Duplex) => options.greet(port, 'boot');
  return addSnapshot(folder, { ...options, prepare, onSaving });
}

async function restore({ files }: StoredSnapshot, options: WarmGuestOptions): Promise<Guest> {
  const { qemu, machine, signal, hold } = options;
  hold(files.memory);
  const greet = (port: Duplex) => options.greet(port, 'restore');
  return restoreGuest({ qemu, machine, snapshot: files, greet, signal, timeoutMs: RESTORE_MS });
}
