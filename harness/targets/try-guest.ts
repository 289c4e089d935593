import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { locateAgentBinary } from '../agent/agent-binary.ts';
import { asError, CrossbpfError } from '../crossbpf-error.ts';
import type { Kernel } from '../kernels/kernel.ts';
import { openTempFolder } from '../storage/temp-folder.ts';
import type { Guest } from '../vm/guest.ts';
import { type GuestPlan, planGuest } from '../vm/start-guest.ts';
import type { SnapshotEvent } from '../vm/warm-guest.ts';
import { type GreetedAgent, greetAgain, greetAgent } from './agent-connection.ts';
import { KERNEL_WORDS } from './linux-vm.ts';
import type { TargetContext } from './target-context.ts';

export type TryGuestContext = Pick<TargetContext, 'packageRoot' | 'environment' | 'signal'>;

/** What starting a guest in each way came to, in milliseconds. */
export interface TriedGuest {
  /** Booting the guest, saving it, and restoring it for the first time. */
  readonly savedMs: number;
  readonly restoredMs: number;
  /** Why a used guest cannot be rewound here, which only makes runs slower; undefined if it can. */
  readonly notRewound?: string;
}

const MEMORY_MIB = 512;
const BOOT_MS = 60_000;

/**
 * Saves, restores and rewinds a guest of a kernel once, under TCG, with nothing of the cache.
 *
 * @throws CrossbpfError (infrastructure) when a guest cannot be booted, saved or restored.
 */
export async function tryGuest(kernel: Kernel, context: TryGuestContext): Promise<TriedGuest> {
  const { packageRoot, environment, signal } = context;
  await using folder = await openTempFolder('crossbpf-doctor');
  const platform = { os: 'linux', arch: kernel.arch } as const;
  const plan = await planGuest({
    kernel,
    init: await locateAgentBinary({ platform, packageRoot, signal }),
    kernelWords: KERNEL_WORDS,
    memoryMiB: MEMORY_MIB,
    accelerator: 'tcg',
    cacheRoot: folder.path,
    environment,
    timeoutMs: BOOT_MS,
    signal,
  });
  const savedMs = await timed(async () => {
    await using _guest = (await restore(plan, signal)).guest;
  });
  const startedAt = performance.now();
  const { guest, agent, discarded } = await restore(plan, signal);
  await using _guest = guest;
  if (discarded !== undefined) throw unrestorable(discarded);
  const restoredMs = performance.now() - startedAt;
  const notRewound = await rewind(guest, agent);
  return { savedMs, restoredMs, ...(notRewound === undefined ? {} : { notRewound }) };
}

async function restore(plan: GuestPlan, signal: AbortSignal) {
  let agent: GreetedAgent | undefined;
  let discarded: string | undefined;
  const greet = async (port: Duplex) => {
    agent = await greetAgent(port, {});
  };
  const onEvent = (event: SnapshotEvent) => {
    if (event.type === 'snapshot:discarded') discarded = event.reason;
  };
  const guest = await plan.start({ signal, snapshot: { greet, onEvent } });
  return { guest, agent, discarded };
}

async function rewind(guest: Guest, agent: GreetedAgent | undefined): Promise<string | undefined> {
  if (guest.rewinding === undefined || agent === undefined) return 'not possible with this QEMU';
  try {
    await Promise.all([greetAgain(agent.session, {}), guest.rewinding.rewind()]);
    return undefined;
  } catch (thrown) {
    return asError(thrown).message;
  }
}

function unrestorable(reason: string): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_SNAPSHOT',
    message: `a saved guest could not be restored: ${reason}`,
    hint: 'crossbpf run --fresh boots every guest instead.',
  });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
