import { chmod, chown } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { CrossbpfError } from '../crossbpf-error.ts';
import { type BootOptions, failsWhenEnded, orDispose, waitForAgent } from './boot.ts';
import { withDeadline } from './deadline.ts';
import { guestTimeout } from './guest-error.ts';
import { GuestProcess } from './guest-process.ts';
import { type MachineOptions, readsMemoryOnly } from './qemu-command.ts';
import type { QmpClient } from './qmp.ts';
import { NOBODY } from './unprivileged-user.ts';

/** The files of a saved guest. They are only read once they are complete. */
export interface SnapshotFiles {
  /** The guest's memory, as big as it, but with holes where nothing was ever written. */
  readonly memory: string;
  /** The state of its processor and devices. */
  readonly state: string;
}

export interface SaveOptions extends BootOptions {
  /** An empty folder that the snapshot is written into. */
  readonly folder: string;
  /** Brings the agent to where every restored guest shall go on. */
  readonly prepare: (port: Duplex) => Promise<void>;
}

const SAVE_MS = 60_000;

const migration = z.object({ status: z.string(), desc: z.string().optional() });

/** Where the parts of a snapshot are in its folder. */
export function snapshotFiles(folder: string): SnapshotFiles {
  return { memory: join(folder, 'memory'), state: join(folder, 'state') };
}

/** Boots a guest, has it prepared and saves it. Throws as `bootGuest` does. */
export async function saveSnapshot(options: SaveOptions): Promise<void> {
  const { qemu, machine, folder, signal } = options;
  signal?.throwIfAborted();
  const files = snapshotFiles(folder);
  const memory = { kind: 'shared-file', path: files.memory } as const;
  const guest = new GuestProcess({ binary: qemu.path, command: { ...machine, memory } });
  await orDispose(guest, bootAndSave(guest, files.state, options), signal);
  await guest[Symbol.asyncDispose]();
  await digHoles(files.memory);
  await openToRestored(files, machine);
}

/** Restored guests run as another user where this one is root; see `dropRoot`. */
async function openToRestored(files: SnapshotFiles, machine: MachineOptions): Promise<void> {
  await chmod(files.state, 0o644);
  await chmod(files.memory, 0o644);
  if (process.getuid?.() !== 0 || readsMemoryOnly(machine)) return;
  // A container's root may not be allowed to; guests run as root then too.
  await chown(files.memory, NOBODY, NOBODY).catch(() => {});
}

/** A fifth of the pages that a guest has touched are zero again. A file system without holes keeps them. */
async function digHoles(path: string): Promise<void> {
  const { execa } = await import('execa');
  await execa('fallocate', ['--dig-holes', path], { reject: false });
}

async function bootAndSave(guest: GuestProcess, path: string, options: SaveOptions): Promise<void> {
  const { prepare, timeoutMs, signal } = options;
  const died = failsWhenEnded(guest);
  await waitForAgent(guest, options);
  await withDeadline(Promise.race([prepare(guest.port), died]), {
    ...{ ms: timeoutMs, signal },
    error: () => guestTimeout('answer', timeoutMs, guest),
  });
  await withDeadline(Promise.race([saveState(guest.qmp, path), died]), {
    ...{ ms: SAVE_MS, signal },
    error: () => guestTimeout('save its state', SAVE_MS, guest),
  });
}

/**
 * Saves the state of a guest's processor and devices to a file; its memory is in its own file already.
 *
 * The guest is not stopped first: QEMU does that itself before it saves the devices, and then notes that
 * the guest was running, so that a restored one goes on without being told to.
 */
export async function saveState(qmp: QmpClient, path: string): Promise<void> {
  const capabilities = ['x-ignore-shared', 'events'];
  await qmp.execute('migrate-set-capabilities', {
    capabilities: capabilities.map(capability => ({ capability, state: true })),
  });
  const ended = migrationEnded(qmp);
  // `file:` came only with QEMU 8.2, and `fd:` wants a descriptor that was passed over the monitor.
  await qmp.execute('migrate', { uri: `exec:cat >${quotedForShell(path)}` });
  if ((await ended) === 'completed') return;
  const { status, desc = 'no reason given' } = migration.parse(await qmp.execute('query-migrate'));
  throw new CrossbpfError({
    code: 'INFRA_SNAPSHOT',
    message: `QEMU could not save the guest: ${status}, ${desc}`,
    hint: 'Use --fresh to do without a snapshot.',
  });
}

function migrationEnded(qmp: QmpClient): Promise<string> {
  return new Promise(resolve => {
    const stop = qmp.onEvent(({ event, data }) => {
      const status = data['status'];
      if (event !== 'MIGRATION' || (status !== 'completed' && status !== 'failed')) return;
      stop();
      resolve(status);
    });
  });
}

function quotedForShell(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
