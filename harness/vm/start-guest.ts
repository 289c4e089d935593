import { type AcceleratorChoice, chooseAccelerator } from './accelerator.ts';
import { bootGuest } from './boot.ts';
import type { Guest } from './guest.ts';
import type { GuestFile, InitramfsSource } from './initramfs.ts';
import { storeInitramfs } from './initramfs-store.ts';
import type { GuestArchitecture } from './machine.ts';
import { findQemu } from './qemu-binary.ts';
import { readQemuVersion } from './qemu-version.ts';
import { snapshotFacts } from './snapshot-facts.ts';
import { snapshotKey } from './snapshot-key.ts';
import { discardDamaged, snapshotFolder } from './snapshot-store.ts';
import { type SnapshotOptions, warmGuest } from './warm-guest.ts';

/** The kernel of a guest; what `harness/kernels` calls a Kernel is one. */
export interface GuestKernel {
  readonly arch: GuestArchitecture;
  /** Path of the image: the uncompressed ELF on amd64. */
  readonly image: string;
  /** SHA-256 of the image, in hex. */
  readonly digest: string;
  /** Paths of uncompressed modules that PID 1 loads, in load order. */
  readonly modules: readonly string[];
  /** Path of its configuration as text, which a guest has as /boot/config. */
  readonly config?: string | undefined;
  /** What `uname -r` says; only noted beside snapshots. */
  readonly release?: string | undefined;
}

export interface PlanOptions {
  readonly kernel: GuestKernel;
  /** Path of the static binary that becomes PID 1 and opens the port `crossbpf.agent`. */
  readonly init: string;
  /** What else the guest has. */
  readonly files?: readonly GuestFile[] | undefined;
  /** Further words for the kernel's command line. */
  readonly kernelWords: readonly string[];
  /** The guest's memory, in MiB. */
  readonly memoryMiB: number;
  readonly accelerator: AcceleratorChoice;
  /** Virtual time counts guest instructions; implies TCG. */
  readonly countInstructions?: boolean;
  /** The root of the cache: initramfs, snapshots and what is known of accelerators are kept in it. */
  readonly cacheRoot: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How long a start may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with each file of the cache that guests will go on needing. */
  readonly hold?: ((path: string) => void) | undefined;
}

/** How one guest of a plan is started. */
export interface GuestStartOptions {
  readonly signal?: AbortSignal | undefined;
  /** Restore the guest from a snapshot, which is saved on first use; absent: boot it. */
  readonly snapshot?: SnapshotOptions | undefined;
}

/** Guests of one kind, of which any number can be started. All that is the same for each is done already. */
export interface GuestPlan {
  /** Tells guests apart that cannot stand for one another: the name of their snapshot. */
  readonly key: string;
  /** The folder that the snapshot of its guests is in, or will be. */
  readonly snapshot: string;
  /**
   * Starts a guest and waits until its agent has opened its port.
   *
   * Throws CrossbpfError: INFRA_GUEST_PANIC, INFRA_GUEST_EXIT, INFRA_GUEST_TIMEOUT, with the last console
   * lines; or the signal's reason. Nothing is left running then.
   */
  start(options?: GuestStartOptions): Promise<Guest>;
  /** Reads the snapshot whole, and throws it away if it is not as it was saved: true then. Takes 0.2 s. */
  discardDamaged(): Promise<boolean>;
}

/** Prepares guests. Throws CrossbpfError: INFRA_NO_QEMU, INFRA_NO_KVM (asked for by name). */
export async function planGuest(options: PlanOptions): Promise<GuestPlan> {
  const { kernel, kernelWords, memoryMiB, countInstructions = false } = options;
  const { cacheRoot, environment, timeoutMs, hold = () => {} } = options;
  const { arch, image, digest: kernelDigest, release = '' } = kernel;
  const [qemu, initramfs] = await Promise.all([
    findQemu(arch, environment['PATH']),
    storeInitramfs(initramfsSource(options), cacheRoot),
  ]);
  hold(image);
  hold(initramfs.path);
  const qemuVersion = await readQemuVersion(qemu, cacheRoot);
  const devices = { arch, kernel: image, initramfs: initramfs.path, memoryMiB, qemuVersion };
  const accelerator = await chooseAccelerator(countInstructions ? 'tcg' : options.accelerator, {
    ...{ qemu, machine: devices, cacheRoot, signal: options.signal },
  });
  const machine = { ...devices, accelerator, kernelWords, countInstructions };
  const identity = { qemu, machine, kernelDigest, initramfsDigest: initramfs.digest };
  const key = snapshotKey(identity);
  const facts = snapshotFacts(identity, release);
  return {
    key,
    snapshot: snapshotFolder(cacheRoot, key),
    discardDamaged: () => discardDamaged(snapshotFolder(cacheRoot, key)),
    start: ({ signal, snapshot } = {}) => {
      const boot = { qemu, machine, timeoutMs, signal };
      if (snapshot === undefined) return bootGuest(boot);
      return warmGuest({ ...boot, ...snapshot, cacheRoot, key, facts, hold });
    },
  };
}

/** A plan for one guest, and how it is started. */
export type StartOptions = PlanOptions & GuestStartOptions;

/** Starts one guest; see `planGuest` and `GuestPlan.start`. */
export async function startGuest(options: StartOptions): Promise<Guest> {
  const { signal, snapshot } = options;
  return (await planGuest(options)).start({ signal, snapshot });
}

function initramfsSource({ kernel, init, files = [] }: PlanOptions): InitramfsSource {
  const { modules, config } = kernel;
  return {
    init,
    modules,
    files: [...(config === undefined ? [] : [configFile(config)]), ...files],
  };
}

function configFile(path: string): GuestFile {
  return { guestPath: 'boot/config', path };
}
