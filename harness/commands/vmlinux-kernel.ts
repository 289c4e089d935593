import path from 'node:path';
import type { LoadedConfig } from '../config/load-config.ts';
import { architectureOf, type LinuxVmTarget, parseTargetName } from '../config/target-name.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import { listCachedKernels } from '../kernels/cached-kernels.ts';
import { isNamed } from '../kernels/choose-build.ts';
import type { Kernel, KernelReference } from '../kernels/kernel.ts';
import { lockKey, readKernelLock } from '../kernels/kernel-lock.ts';
import { compareKernelVersions, isCandidate } from '../kernels/kernel-version.ts';
import type { KernelProgressListener } from '../kernels/progress.ts';
import { resolveKernels } from '../kernels/resolve-kernels.ts';
import { GUEST_MODULES } from '../targets/linux-vm.ts';
import type { CommandContext } from './context.ts';
import { LOCK_FILE } from './lock-file.ts';

type KernelContext = Pick<CommandContext, 'cacheRoot' | 'environment' | 'signal'> & {
  readonly onProgress?: KernelProgressListener | undefined;
};

/**
 * The newest kernel among a configuration's targets, whatever a run is of: its header is the same for each. Where the
 * cache has one of that name, the archive is not asked.
 *
 * @throws CrossbpfError `USAGE_NO_KERNEL` where no target is a kernel in a guest, or as `resolveKernels` does.
 */
export async function newestKernel(loaded: LoadedConfig, context: KernelContext): Promise<Kernel> {
  const { config } = loaded;
  const host = architectureOf(process.arch);
  const guests = config.targets
    .map(name => parseTargetName(name, host, config.remotes))
    .filter(target => target.kind === 'linux-vm');
  const newest = guests.sort((a, b) => compareReferences(a.kernel, b.kernel)).at(-1);
  if (newest === undefined) {
    throw new CrossbpfError({
      code: 'USAGE_NO_KERNEL',
      message: 'no target of the configuration is a kernel whose types could be taken',
      hint: 'Name one: crossbpf vmlinux linux@6.12 > vmlinux.h',
    });
  }
  return (await fromCache(newest, loaded, context)) ?? resolveKernel(newest, loaded, context);
}

/** The kernel of a target, fetched where the cache does not have it; the lock file of the configuration holds. */
export async function resolveKernel(
  { kernel, arch }: LinuxVmTarget,
  { root }: LoadedConfig,
  context: KernelContext,
): Promise<Kernel> {
  const lock = await readKernelLock(path.join(root, LOCK_FILE));
  const { cacheRoot, environment, signal, onProgress } = context;
  const reference: KernelReference =
    kernel.kind === 'file' ? { ...kernel, path: path.resolve(root, kernel.path) } : kernel;
  const modules = GUEST_MODULES;
  const [found] = await resolveKernels([reference], {
    ...{ arch, modules, cacheRoot, environment, signal, lock, onProgress },
  });
  if (found?.status === 'found') return found.kernel;
  throw found?.error ?? new Error('no kernel was resolved');
}

async function fromCache(
  { kernel: reference, arch }: LinuxVmTarget,
  { root }: LoadedConfig,
  { cacheRoot }: KernelContext,
): Promise<Kernel | undefined> {
  if (reference.kind === 'file') return undefined;
  const lock = await readKernelLock(path.join(root, LOCK_FILE));
  const release = lock?.kernels[lockKey(reference, arch)]?.release;
  const fitting = (await listCachedKernels(cacheRoot))
    .map(({ kernel }) => kernel)
    .filter(kernel => kernel.arch === arch)
    .filter(kernel =>
      release === undefined ? isNamed(reference, kernel) : kernel.release === release,
    )
    .sort((a, b) => compareKernelVersions(a.upstream, b.upstream));
  const released = fitting.filter(({ upstream }) => !isCandidate(upstream));
  return (released.length > 0 ? released : fitting).at(-1);
}

/** Orders names by the newest kernel that each can mean. A file can be any: it comes first. */
function compareReferences(left: KernelReference, right: KernelReference): number {
  return compareKernelVersions(newestOf(left), newestOf(right));
}

const LAST = 99_999;

function newestOf(reference: KernelReference): string {
  switch (reference.kind) {
    case 'series':
      return `${reference.series}.${LAST}`;
    case 'major':
      return `${reference.major}.${LAST}`;
    case 'latest':
      return `${LAST}.0`;
    case 'build':
      return reference.version;
    default:
      return '';
  }
}
