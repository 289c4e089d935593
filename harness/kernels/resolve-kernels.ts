import { asError, CrossbpfError } from '../crossbpf-error.ts';
import type { Environment } from '../storage/cache-root.ts';
import { type Archive, openArchive } from './archive.ts';
import { storeBuild } from './archive-kernel.ts';
import {
  type ArchiveReference,
  chooseBuild,
  referenceName,
  unknownKernel,
} from './choose-build.ts';
import { resolveFileKernel } from './file-kernel.ts';
import type { Architecture, Kernel, KernelReference } from './kernel.ts';
import type { KernelBuild } from './kernel-build.ts';
import { type KernelLock, type LockedKernel, lockBuild, lockKey } from './kernel-lock.ts';
import { resolveLockedKernel } from './locked-kernel.ts';
import { findMirror } from './mirror.ts';
import type { KernelProgressListener } from './progress.ts';
import { type RunLimited, runLimited } from './run-limited.ts';
import { DEFAULT_SNAPSHOT } from './snapshot-archive.ts';

export interface ResolveKernelsOptions {
  readonly arch: Architecture;
  /** Names of modules that guests need; what those depend on comes with them. */
  readonly modules: readonly string[];
  readonly cacheRoot: string;
  readonly environment: Environment;
  /** Names in it are the builds that it says; others are the newest. */
  readonly lock?: KernelLock | undefined;
  readonly onProgress?: KernelProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Ask the archive for its newest lists, however young those in the cache are. */
  readonly refresh?: boolean | undefined;
  /** Called with the path of each image as soon as it is there. */
  readonly hold?: ((path: string) => void) | undefined;
}

export type KernelResolution = KernelFound | KernelFailed;

export interface KernelFound {
  readonly status: 'found';
  readonly reference: KernelReference;
  readonly kernel: Kernel;
  /** What to write into a lock file; absent for a file. */
  readonly locked?: LockedKernel;
}

export interface KernelFailed {
  readonly status: 'failed';
  readonly reference: KernelReference;
  readonly error: CrossbpfError;
}

/** Downloads and extractions at a time: one fills the network while the other fills a core. */
const AT_ONCE = 2;

/**
 * Finds the kernels that are named, in the same order, and brings into the cache what is not there yet.
 * One that cannot be had does not stop the others. Aborting the signal rejects with its reason.
 */
export async function resolveKernels(
  references: readonly KernelReference[],
  options: ResolveKernelsOptions,
): Promise<KernelResolution[]> {
  options.signal?.throwIfAborted();
  const context = await openContext(options);
  const results = await Promise.all(references.map(reference => settle(reference, context)));
  options.signal?.throwIfAborted();
  return results;
}

interface Context extends ResolveKernelsOptions {
  readonly onProgress: KernelProgressListener;
  readonly archive: Archive;
  /** The same build under two names is fetched once. */
  readonly stored: Map<string, Promise<Kernel>>;
  readonly limited: RunLimited;
}

async function openContext(options: ResolveKernelsOptions): Promise<Context> {
  const { onProgress = () => {}, refresh = false } = options;
  const { arch, cacheRoot, environment, signal } = options;
  const mirror = await findMirror({ environment, now: new Date() });
  const now = Date.now;
  const archive = openArchive({ arch, mirror, cacheRoot, now, refresh, onProgress, signal });
  return { ...options, onProgress, archive, stored: new Map(), limited: runLimited(AT_ONCE) };
}

async function settle(reference: KernelReference, context: Context): Promise<KernelResolution> {
  try {
    const found = await resolveOne(reference, context);
    context.hold?.(found.kernel.image);
    return { status: 'found', reference, ...found };
  } catch (error) {
    // With the signal aborted this is no longer about one kernel; the caller throws.
    return { status: 'failed', reference, error: asKernelError(reference, error) };
  }
}

type Found = Pick<KernelFound, 'kernel' | 'locked'>;

async function resolveOne(reference: KernelReference, context: Context): Promise<Found> {
  const { arch, lock, limited } = context;
  if (reference.kind === 'file') {
    return { kernel: await limited(() => resolveFileKernel(reference.path, context)) };
  }
  const locked = lock?.kernels[lockKey(reference, arch)];
  if (locked !== undefined) {
    const store = (build: KernelBuild) => storeOnce(build, context);
    const snapshot = context.environment['CROSSBPF_DEBIAN_SNAPSHOT'] || DEFAULT_SNAPSHOT;
    const kernel = await resolveLockedKernel(locked, { ...context, snapshot, store });
    return { kernel, locked };
  }
  const build = await findBuild(reference, context.archive);
  return { kernel: await storeOnce(build, context), locked: lockBuild(build, arch) };
}

/** The likely suites first: most names need only some of the lists. */
async function findBuild(reference: ArchiveReference, archive: Archive): Promise<KernelBuild> {
  const likely = await archive.likelyBuilds(reference);
  const build = chooseBuild(reference, likely.builds);
  if (build !== undefined) {
    return build;
  }
  if (likely.builds.length === 0 && likely.problems[0] !== undefined) {
    throw likely.problems[0];
  }
  const all = await archive.allBuilds();
  const found = chooseBuild(reference, all.builds);
  if (found === undefined) {
    throw all.problems[0] ?? unknownKernel(reference, all.builds);
  }
  return found;
}

function storeOnce(build: KernelBuild, context: Context): Promise<Kernel> {
  const key = JSON.stringify(build.packages.map(({ sha256 }) => sha256));
  const known = context.stored.get(key);
  if (known !== undefined) {
    return known;
  }
  const storing = context.limited(() => storeBuild(build, context));
  context.stored.set(key, storing);
  return storing;
}

function asKernelError(reference: KernelReference, thrown: unknown): CrossbpfError {
  const target = referenceName(reference);
  if (!(thrown instanceof CrossbpfError)) {
    const { message } = asError(thrown);
    return new CrossbpfError({ code: 'INFRA_KERNEL', target, message, cause: thrown });
  }
  if (thrown.facts.target !== undefined || reference.kind === 'file') {
    return thrown;
  }
  return thrown.with({ target });
}
