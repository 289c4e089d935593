import { join } from 'node:path';
import type { Archive } from './archive.ts';
import { imagesFolder } from './images-folder.ts';
import type { Kernel } from './kernel.ts';
import type { KernelBuild, KernelPackage } from './kernel-build.ts';
import { readKernelEntry, touchEntry } from './kernel-entry.ts';
import type { LockedKernel } from './kernel-lock.ts';
import { entryName } from './kernel-store.ts';
import { upstreamOfPackage } from './kernel-version.ts';
import { findSnapshotPackage } from './snapshot-archive.ts';

export interface LockedKernelOptions {
  readonly archive: Archive;
  /** The address of the service that keeps what leaves Debian's archive. */
  readonly snapshot: string;
  readonly modules: readonly string[];
  readonly cacheRoot: string;
  readonly store: (build: KernelBuild) => Promise<Kernel>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The kernel that a lock file names: from the cache without asking the archive, else the same packages by
 * digest from the archive, else, once they have left it, from the service that keeps all of them.
 */
export async function resolveLockedKernel(
  locked: LockedKernel,
  options: LockedKernelOptions,
): Promise<Kernel> {
  const { release, version, packages } = locked;
  const name = entryName(release, Object.values(packages), options.modules);
  const folder = join(imagesFolder(options.cacheRoot), name);
  const cached = await readKernelEntry(folder);
  if (cached !== undefined) {
    await touchEntry(folder, new Date());
    return cached;
  }
  const reference = { kind: 'build', version: release } as const;
  const { builds } = await options.archive.likelyBuilds(reference);
  const known = builds.flatMap(build => build.packages);
  const found: KernelPackage[] = [];
  for (const [packageName, sha256] of Object.entries(packages)) {
    const here = known.find(item => item.sha256 === sha256);
    found.push(here ?? (await findSnapshotPackage({ packageName, sha256, locked }, options)));
  }
  const upstream = upstreamOfPackage(version);
  const build = { release, upstream, packageVersion: version, suites: [], packages: found };
  return await options.store(build);
}
