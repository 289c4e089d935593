import { performance } from 'node:perf_hooks';
import { withDeadline } from './deadline.ts';
import type { Guest } from './guest.ts';
import { explainFailure, guestEnded, guestTimeout } from './guest-error.ts';
import { GuestProcess } from './guest-process.ts';
import type { QemuBinary } from './qemu-binary.ts';
import { AGENT_DEVICE, type MachineOptions } from './qemu-command.ts';

export interface BootOptions {
  readonly qemu: QemuBinary;
  readonly machine: MachineOptions;
  /** How long the agent may take until it has opened its port, in milliseconds. */
  readonly timeoutMs: number;
  /** How long it may take until the console shows anything, in milliseconds; absent: as long as the whole. */
  readonly firstLineMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Boots a guest and waits until its agent has opened its port.
 *
 * Throws INFRA_GUEST_PANIC, INFRA_GUEST_EXIT or INFRA_GUEST_TIMEOUT with the last console lines, or the
 * signal's reason; QEMU is gone by then.
 */
export async function bootGuest(options: BootOptions): Promise<Guest> {
  const { qemu, machine, signal } = options;
  const startedAt = performance.now();
  signal?.throwIfAborted();
  const command = { ...machine, memory: { kind: 'anonymous' } } as const;
  const guest = new GuestProcess({ binary: qemu.path, command });
  await orDispose(guest, waitForAgent(guest, options), signal);
  return runningGuest(guest, { accelerator: machine.accelerator, start: 'boot', startedAt });
}

type StartLimits = Pick<BootOptions, 'timeoutMs' | 'firstLineMs' | 'signal'>;

/** Waits until the guest's agent has opened its port; throws if the guest ends before. */
export async function waitForAgent(
  guest: GuestProcess,
  { timeoutMs, firstLineMs = timeoutMs, signal }: StartLimits,
): Promise<void> {
  const died = failsWhenEnded(guest);
  const opened = agentOpened(guest);
  await withDeadline(Promise.race([guest.firstOutput, opened, died]), {
    ms: firstLineMs,
    signal,
    error: () => guestTimeout('print anything', firstLineMs, guest),
  });
  await withDeadline(Promise.race([opened, died]), {
    ms: timeoutMs,
    signal,
    error: () => guestTimeout('open its port', timeoutMs, guest),
  });
}

/** Waits for a step of a guest's start; if that fails, QEMU is ended before the error goes on. */
export async function orDispose<T>(
  guest: GuestProcess,
  step: Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  await using cleanup = new AsyncDisposableStack();
  cleanup.use(guest);
  try {
    const value = await step;
    cleanup.move();
    return value;
  } catch (thrown) {
    signal?.throwIfAborted();
    throw await explainFailure(thrown, guest);
  }
}

/** Never resolves; rejects when the guest has ended. */
export function failsWhenEnded(guest: GuestProcess): Promise<never> {
  const failure = guest.exited.then(exit => {
    throw guestEnded(exit, guest);
  });
  // It may come before anyone waits for it, or when nobody does any more.
  failure.catch(() => {});
  return failure;
}

interface StartFacts extends Pick<Guest, 'accelerator' | 'start' | 'rewinding'> {
  readonly startedAt: number;
}

/** A started guest as others see it. */
export function runningGuest(process: GuestProcess, facts: StartFacts): Guest {
  const { accelerator, start, startedAt, rewinding } = facts;
  return {
    accelerator,
    start,
    startMs: performance.now() - startedAt,
    port: process.port,
    consoleTail: lines => process.consoleTail(lines),
    exited: process.exited,
    rewinding,
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

/** QEMU tells when the guest opens a port: docs/interop, VSERPORT_CHANGE of qapi/char.json. */
function agentOpened(guest: GuestProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = guest.qmp.onEvent(({ event, data }) => {
    if (event !== 'VSERPORT_CHANGE' || data['id'] !== AGENT_DEVICE || data['open'] !== true) return;
    stop();
    resolve();
  });
  return promise;
}
