import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { asError } from '../crossbpf-error.ts';
import { type BootOptions, failsWhenEnded, orDispose, runningGuest } from './boot.ts';
import { withDeadline } from './deadline.ts';
import type { Guest } from './guest.ts';
import { guestTimeout } from './guest-error.ts';
import { GuestProcess } from './guest-process.ts';
import { DESCRIPTORS, inherited } from './qemu-command.ts';
import { QmpRefusal } from './qmp.ts';
import { rewindingOf } from './rewind.ts';
import type { SnapshotFiles } from './snapshot.ts';

export interface RestoreOptions extends Omit<BootOptions, 'firstLineMs'> {
  readonly snapshot: SnapshotFiles;
  /** Asks the agent for an answer, which proves that the guest goes on. */
  readonly greet: (port: Duplex) => Promise<void>;
}

/**
 * Starts a guest from a snapshot: it goes on where it was saved, in its own copy of the memory.
 *
 * Throws as `bootGuest` does; QEMU is gone by then.
 */
export async function restoreGuest(options: RestoreOptions): Promise<Guest> {
  const startedAt = performance.now();
  const { qemu, machine, snapshot, greet, timeoutMs, signal } = options;
  signal?.throwIfAborted();
  const memory = { kind: 'private-file', path: snapshot.memory } as const;
  const command = { ...machine, memory, incoming: true };
  const guest = new GuestProcess({ binary: qemu.path, command, state: snapshot.state });
  const answered = Promise.all([loadState(guest), greet(guest.port)]);
  const started = withDeadline(Promise.race([answered, failsWhenEnded(guest)]), {
    ms: timeoutMs,
    signal,
    error: () => guestTimeout('answer from its snapshot', timeoutMs, guest),
  });
  await orDispose(guest, started, signal);
  const rewinding = rewindingOf(guest, snapshot, startedAt);
  const facts = { accelerator: machine.accelerator, start: 'restore', startedAt } as const;
  return runningGuest(guest, { ...facts, rewinding });
}

/**
 * Has QEMU load the state that it was started with. The first commands are sent at once. Without -S, QEMU lets the guest
 * go on as soon as its state is there.
 *
 * A file is named by `file:` since QEMU 8.2 and by `fd:` until 10.x; before 8.2 the former is refused and the latter
 * still works, while 11 takes a refused `fd:` for a migration that has begun. So `file:` goes first.
 */
export async function loadState({ qmp }: GuestProcess): Promise<void> {
  const capabilities = [{ capability: 'x-ignore-shared', state: true }];
  const load = (uri: string) => qmp.execute('migrate-incoming', { uri });
  const [, refusal] = await Promise.all([
    qmp.execute('migrate-set-capabilities', { capabilities }),
    load(`file:${inherited('state')}`).then(() => undefined, asError),
  ]);
  if (refusal === undefined) return;
  if (!(refusal instanceof QmpRefusal)) throw refusal;
  await load(`fd:${DESCRIPTORS.state}`);
}
