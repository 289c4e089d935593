import type { LinuxVmTarget } from '../config/target-name.ts';
import type { Architecture, Kernel } from '../kernels/kernel.ts';
import { type GuestPlan, planGuest } from '../vm/start-guest.ts';
import type { Target } from './connection.ts';
import { onTarget, openGuest } from './guest-connection.ts';
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
    async open(signal, { isLast = false } = {}) {
      const startedAt = performance.now();
      try {
        plan ??= planFor(kernel, context);
        return await openGuest(name, await plan, { ...context, signal, startedAt, isLast });
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
