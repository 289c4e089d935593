import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { locateAgentBinary } from '../agent/agent-binary.ts';
import type { HelloOptions } from '../agent/agent-session.ts';
import type { LinuxVmTarget } from '../config/target-name.ts';
import { asError, CrossbpfError } from '../crossbpf-error.ts';
import type { Kernel } from '../kernels/kernel.ts';
import type { Guest } from '../vm/guest.ts';
import { startGuest } from '../vm/start-guest.ts';
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

/** Debian's own list, and `bpf`, which its 5.10 leaves out (CONFIG_LSM). */
export const KERNEL_WORDS = ['lsm=landlock,lockdown,yama,apparmor,bpf'];

const BOOT_MS = 60_000;

/** A kernel in a guest of its own; every connection gets a fresh one. */
export function createLinuxVm(name: LinuxVmTarget, kernel: Kernel, context: TargetContext): Target {
  return {
    ...{ id: name.id, platform: 'linux', upstream: kernel.upstream },
    async open(signal) {
      try {
        return await openGuest(name, kernel, { ...context, signal });
      } catch (thrown) {
        signal.throwIfAborted();
        throw onTarget(name.id, thrown);
      }
    },
  };
}

async function openGuest(
  name: LinuxVmTarget,
  kernel: Kernel,
  context: TargetContext,
): Promise<Connection> {
  const startedAt = performance.now();
  const { packageRoot, cacheRoot, memoryMiB, accel, signal, environment, fresh } = context;
  const platform = { os: 'linux', arch: kernel.arch } as const;
  const init = await locateAgentBinary({ platform, packageRoot, signal });
  let greeted: GreetedAgent | undefined;
  const greet = async (port: Duplex) => {
    greeted = await greetAgent(port, greeting(name));
    return greeted;
  };
  const onEvent = (event: SnapshotEvent) => context.onSnapshot(name.id, event);
  const guest = await startGuest({
    ...{ kernel, init, kernelWords: KERNEL_WORDS, memoryMiB, accelerator: accel },
    ...{ cacheRoot, environment, timeoutMs: BOOT_MS, signal },
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
