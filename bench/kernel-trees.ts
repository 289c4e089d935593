import { access, mkdir, rename, symlink } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { type Archive, openArchive } from '../harness/kernels/archive.ts';
import { chooseBuild } from '../harness/kernels/choose-build.ts';
import type { KernelBuild } from '../harness/kernels/kernel-build.ts';
import { findMirror } from '../harness/kernels/mirror.ts';
import { fetchBuild } from '../harness/kernels/unpack-build.ts';
import { openTempFolder } from '../harness/storage/temp-folder.ts';

/** A kernel as its package installs it: what the other tools are given. */
export interface KernelTree {
  readonly series: string;
  readonly release: string;
  /** The compressed kernel, as a boot loader gets it. */
  readonly vmlinuz: string;
  /** `…/lib/modules/RELEASE` with what depmod made; absent where the archive no longer has the modules. */
  readonly modules: string | undefined;
}

/** Fetches the builds that crossbpf takes for these series, and unpacks them whole into `folder`. */
export async function prepareKernelTrees(
  series: readonly string[],
  { cacheRoot, folder }: { readonly cacheRoot: string; readonly folder: string },
): Promise<KernelTree[]> {
  const mirror = await findMirror({ environment: process.env, now: new Date() });
  const archive = openArchive({
    ...{ arch: 'amd64', mirror, cacheRoot, now: Date.now, refresh: false },
    onProgress: () => {},
  });
  const trees: KernelTree[] = [];
  for (const name of series) {
    const build = await findBuild(name, archive);
    trees.push(await openTree(name, await storeTree(build, folder), build.release));
  }
  return trees;
}

async function findBuild(series: string, archive: Archive): Promise<KernelBuild> {
  const reference = { kind: 'series', series } as const;
  const { builds } = await archive.likelyBuilds(reference);
  const build = chooseBuild(reference, builds);
  if (build === undefined) throw new Error(`Debian's archive has no kernel ${series}`);
  return build;
}

async function storeTree(build: KernelBuild, trees: string): Promise<string> {
  const { release } = build;
  const folder = path.join(trees, 'kernels', `${release}_${build.packageVersion}`);
  if (await exists(folder)) return folder;
  process.stderr.write(`bench: unpacking ${release}\n`);
  await mkdir(path.dirname(folder), { recursive: true });
  await using work = await openTempFolder('bench-kernel', path.dirname(folder));
  const root = await fetchBuild(build, { folder: work.path, onProgress: () => {} });
  const library = await findLibrary(root, release);
  if (library !== undefined && (await exists(path.join(library, 'kernel')))) {
    // As the package's own script does; depmod looks for lib/modules only.
    await execa('depmod', ['-b', path.resolve(library, '../../..'), release]);
  }
  // Tools look for lib/modules, which is a link to usr/lib/modules on an installed system.
  if (!(await exists(path.join(root, 'lib')))) await symlink('usr/lib', path.join(root, 'lib'));
  await rename(root, folder);
  return folder;
}

async function openTree(series: string, root: string, release: string): Promise<KernelTree> {
  const library = await findLibrary(root, release);
  const inBoot = path.join(root, 'boot', `vmlinuz-${release}`);
  const vmlinuz = (await exists(inBoot)) ? inBoot : path.join(library ?? root, 'vmlinuz');
  const hasModules = library !== undefined && (await exists(path.join(library, 'modules.dep')));
  return { series, release, vmlinuz, modules: hasModules ? library : undefined };
}

async function findLibrary(root: string, release: string): Promise<string | undefined> {
  for (const base of ['usr/lib/modules', 'lib/modules']) {
    const folder = path.join(root, base, release);
    if (await exists(folder)) return folder;
  }
  return undefined;
}

export async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
