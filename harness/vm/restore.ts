import { performance } from 'node:perf_hooks';
import { type BootOptions, failsWhenEnded, orDispose, runningGuest } from './boot.ts';
import { withDeadline } from './deadline.ts';
import type { Guest } from './guest.ts';
import { guestTimeout } from './guest-error.ts';
import { GuestProcess } from './guest-process.ts';
import { DESCRIPTORS, qemuArguments } from './qemu-command.ts';
import type { SnapshotFiles } from './snapshot.ts';

export interface RestoreOptions extends BootOptions {
  readonly snapshot: SnapshotFiles;
}

/**
 * Starts a guest from a snapshot: it goes on where it was saved, in its own copy of the memory.
 *
 * Throws as `bootGuest` does; QEMU is gone by then.
 */
export async function restoreGuest(options: RestoreOptions): Promise<Guest> {
  const startedAt = performance.now();
  const { qemu, machine, snapshot, timeoutMs, signal } = options;
  signal?.throwIfAborted();
  const args = qemuArguments({
    ...machine,
    memory: { kind: 'private-file', path: snapshot.memory },
    incoming: true,
  });
  const guest = new GuestProcess({ binary: qemu.path, args, state: snapshot.state });
  const resumed = withDeadline(Promise.race([resume(guest), failsWhenEnded(guest)]), {
    ms: timeoutMs,
    signal,
    error: () => guestTimeout('go on from its snapshot', timeoutMs, guest),
  });
  await orDispose(guest, resumed);
  return runningGuest(guest, { accelerator: machine.accelerator, start: 'restore', startedAt });
}

async function resume({ qmp }: GuestProcess): Promise<void> {
  // Without -S, QEMU lets the guest run by itself as soon as its state is there.
  const running = new Promise<void>(resolve => {
    const stop = qmp.onEvent(({ event }) => {
      if (event !== 'RESUME') return;
      stop();
      resolve();
    });
  });
  const capabilities = [{ capability: 'x-ignore-shared', state: true }];
  await Promise.all([
    qmp.execute('migrate-set-capabilities', { capabilities }),
    qmp.execute('migrate-incoming', { uri: `fd:${DESCRIPTORS.state}` }),
    running,
  ]);
}
