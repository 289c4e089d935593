import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { HelloOptions } from '../agent/agent-session.ts';
import type { LinuxVmTarget } from '../config/target-name.ts';
import { asError, CrossbpfError } from '../crossbpf-error.ts';
import type { Architecture, Kernel } from '../kernels/kernel.ts';
import type { Guest } from '../vm/guest.ts';
import { type GuestPlan, planGuest } from '../vm/start-guest.ts';
import type { SnapshotEvent } from '../vm/warm-guest.ts';
import {
  AgentConnection,
  type AgentHost,
  explaining,
  type GreetedAgent,
  greetAgent,
} from './agent-connection.ts';
import type { Connection, Target } from './connection.ts';
import type { TargetContext } from './target-context.ts';

/** What guests load where the kernel has it as modules: the agent's port, and what programs attach to. */
export const GUEST_MODULES = ['virtio_pci', 'virtio_console', 'veth', 'sch_ingress', 'cls_bpf'];

/**
 * Debian's own list of LSMs, and `bpf`, which its 5.10 leaves out (CONFIG_LSM). The second word becomes the agent's
 * environment: Go stops no goroutine by a signal then, code that each restored guest would have to translate anew.
 */
export const KERNEL_WORDS = [
  'lsm=landlock,lockdown,yama,apparmor,bpf',
  'GODEBUG=asyncpreemptoff=1',
];

const BOOT_MS = 60_000;

export interface LinuxVmContext extends TargetContext {
  /** The agent that guests of an architecture run. */
  readonly agentFor: (arch: Architecture) => Promise<string>;
}

/** A kernel in a guest of its own; every connection gets a fresh one. */
export function createLinuxVm(
  name: LinuxVmTarget,
  kernel: Kernel,
  context: LinuxVmContext,
): Target {
  let plan: Promise<GuestPlan> | undefined;
  return {
    ...{ id: name.id, platform: 'linux', upstream: kernel.upstream },
    async open(signal) {
      const startedAt = performance.now();
      try {
        plan ??= planFor(kernel, context);
        return await openGuest(name, await plan, { ...context, signal, startedAt });
      } catch (thrown) {
        signal.throwIfAborted();
        throw onTarget(name.id, thrown);
      }
    },
  };
}

/** What all guests of a kernel share is done once in a run: a restored guest costs little more than QEMU. */
async function planFor(kernel: Kernel, context: LinuxVmContext): Promise<GuestPlan> {
  const { agentFor, cacheRoot, memoryMiB, accel, signal, environment, hold } = context;
  return planGuest({
    ...{ kernel, init: await agentFor(kernel.arch), kernelWords: KERNEL_WORDS, memoryMiB },
    ...{ accelerator: accel, cacheRoot, environment, timeoutMs: BOOT_MS, signal, hold },
  });
}

interface OpenContext extends Pick<TargetContext, 'fresh' | 'onSnapshot' | 'signal'> {
  readonly startedAt: number;
}

async function openGuest(
  name: LinuxVmTarget,
  plan: GuestPlan,
  { fresh, onSnapshot, signal, startedAt }: OpenContext,
): Promise<Connection> {
  let greeted: GreetedAgent | undefined;
  const greet = async (port: Duplex) => {
    greeted = await greetAgent(port, greeting(name));
    return greeted;
  };
  const onEvent = (event: SnapshotEvent) => onSnapshot(name.id, event);
  const guest = await plan.start({
    signal,
    snapshot: fresh ? undefined : { greet: async port => void (await greet(port)), onEvent },
  });
  const host = guestHost(name.id, guest);
  await using cleanup = new AsyncDisposableStack();
  cleanup.use(host);
  const agent = greeted ?? (await explaining(host, greet(guest.port)));
  cleanup.move();
  return new AgentConnection({ host, agent, startMs: performance.now() - startedAt, signal });
}

/** A guest cannot know the time, and without entropy of its own two guests draw the same numbers. */
function greeting({ jit }: LinuxVmTarget): HelloOptions {
  const clock = BigInt(Date.now()) * 1_000_000n;
  return { clock, entropy: randomBytes(32).toString('hex'), jit };
}

function guestHost(target: string, guest: Guest): AgentHost {
  return {
    facts: { platform: 'linux', mode: 'vm', accel: guest.accelerator, start: guest.start },
    async explainLoss(cause) {
      if (cause.code !== 'INFRA_AGENT_LOST') return onTarget(target, cause);
      const { reason, detail } = await guest.exited;
      return new CrossbpfError({
        ...{ code: 'INFRA_GUEST_LOST', target, cause, console: guest.consoleTail() },
        message: `the guest was lost (${reason}): ${detail}`,
      });
    },
    [Symbol.asyncDispose]: () => guest[Symbol.asyncDispose](),
  };
}

/** The same error, with the target on which it happened. */
function onTarget(target: string, thrown: unknown): CrossbpfError {
  if (!(thrown instanceof CrossbpfError)) throw asError(thrown);
  const { code, message, hint, facts, cause } = thrown;
  return new CrossbpfError({
    ...{ code, message, cause, ...facts, target },
    ...(hint === undefined ? {} : { hint }),
  });
}
