import { ensureSpace } from '../storage/disk-space.ts';
import { openTempFolder } from '../storage/temp-folder.ts';
import { extractKernel } from './extract-kernel.ts';
import type { Architecture, Kernel } from './kernel.ts';
import { type KernelBuild, spaceNeeded } from './kernel-build.ts';
import { entryName, storeKernel } from './kernel-store.ts';
import type { KernelProgressListener } from './progress.ts';
import { fetchBuild } from './unpack-build.ts';

export interface ArchiveKernelOptions {
  readonly arch: Architecture;
  readonly modules: readonly string[];
  readonly cacheRoot: string;
  readonly onProgress: KernelProgressListener;
  readonly signal?: AbortSignal | undefined;
}

/** The kernel of a build: from the cache, or else downloaded and extracted. */
export async function storeBuild(
  build: KernelBuild,
  options: ArchiveKernelOptions,
): Promise<Kernel> {
  const { arch, modules, cacheRoot, onProgress, signal } = options;
  const { release, upstream, packageVersion, packages } = build;
  const digests = packages.map(({ sha256 }) => sha256);
  const bytes = spaceNeeded(build);
  return await storeKernel({
    cacheRoot,
    name: entryName(release, digests, modules),
    purpose: `fetch ${release}`,
    bytes,
    onProgress,
    signal,
    fill: async folder => {
      await ensureSpace({ folder: cacheRoot, bytes });
      // Inside the draft: whoever removes the leftovers of a dead process removes this with them.
      await using work = await openTempFolder('unpack', folder);
      const root = await fetchBuild(build, { folder: work.path, onProgress, signal });
      const unpacked = { root, release, upstream, packageVersion, arch };
      await extractKernel(unpacked, { folder, modules, signal });
    },
  });
}
