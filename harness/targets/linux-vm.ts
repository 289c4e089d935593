import type { LinuxVmTarget } from '../config/target-name.ts';
import type { Architecture, Kernel } from '../kernels/kernel.ts';
import { type GuestPlan, planGuest } from '../vm/start-guest.ts';
import type { Beginning, Connection, OpenOptions, Target } from './connection.ts';
import { type FreshGuest, onTarget, openGuest, startFresh } from './guest-connection.ts';
import { endGuest } from './spare-guests.ts';
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
export class LinuxVm implements Target {
  readonly platform = 'linux';
  readonly #name: LinuxVmTarget;
  readonly #kernel: Kernel;
  readonly #context: LinuxVmContext;
  #plan: Promise<GuestPlan> | undefined;
  #begun: BegunGuest | undefined;

  constructor(name: LinuxVmTarget, kernel: Kernel, context: LinuxVmContext) {
    this.#name = name;
    this.#kernel = kernel;
    this.#context = context;
  }

  get id(): string {
    return this.#name.id;
  }

  get upstream(): string {
    return this.#kernel.upstream;
  }

  begin(signal: AbortSignal): Beginning {
    const { promise: underWay, resolve: onAsked } = Promise.withResolvers<void>();
    const begun = this.#startSaved(signal, onAsked);
    begun.finally(onAsked).catch(() => {});
    this.#begun = begun;
    return { underWay, [Symbol.asyncDispose]: () => this.#endUnused(begun) };
  }

  async open(
    signal: AbortSignal,
    { isLast = false, first }: OpenOptions = {},
  ): Promise<Connection> {
    const begun = this.#begun;
    this.#begun = undefined;
    try {
      const context = { ...this.#context, signal, isLast, first, begun };
      return await openGuest(this.#name, await this.#planned(), context);
    } catch (thrown) {
      signal.throwIfAborted();
      throw onTarget(this.id, thrown);
    }
  }

  /** What all guests of a kernel share is done once in a run: a restored guest costs little more than QEMU. */
  #planned(): Promise<GuestPlan> {
    this.#plan ??= planFor(this.#kernel, this.#context);
    return this.#plan;
  }

  /** Undefined for a guest that has no snapshot, or one that cannot be restored. */
  async #startSaved(signal: AbortSignal, onAsked: () => void): BegunGuest {
    const unsaved = new AbortController();
    const context = {
      ...{ ...this.#context, onAsked, signal: AbortSignal.any([signal, unsaved.signal]) },
      onSnapshot: () => unsaved.abort(),
    };
    try {
      return await startFresh(this.#name, await this.#planned(), context);
    } catch (thrown) {
      if (unsaved.signal.aborted) return undefined;
      throw thrown;
    }
  }

  async #endUnused(begun: BegunGuest): Promise<void> {
    if (this.#begun !== begun) return;
    this.#begun = undefined;
    const fresh = await begun.catch(() => undefined);
    if (fresh !== undefined) {
      await endGuest({ guest: fresh.guest, session: fresh.agent.session });
    }
  }
}

/** A guest that is started before it is wanted; undefined where it comes to nothing. */
type BegunGuest = Promise<FreshGuest | undefined>;

async function planFor(kernel: Kernel, context: LinuxVmContext): Promise<GuestPlan> {
  const { agentFor, cacheRoot, memoryMiB, accel, signal, environment, hold } = context;
  return planGuest({
    ...{ kernel, init: await agentFor(kernel.arch), kernelWords: KERNEL_WORDS, memoryMiB },
    ...{ accelerator: accel, cacheRoot, environment, timeoutMs: BOOT_MS, signal, hold },
  });
}
