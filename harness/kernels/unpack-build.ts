import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CrossbpfError } from '../crossbpf-error.ts';
import { downloadSize, type KernelBuild } from './kernel-build.ts';
import { downloadPackage } from './package-download.ts';
import type { KernelProgressListener } from './progress.ts';
import { runPipe } from './run-tool.ts';

export interface FetchBuildOptions {
  /** A folder of the caller's own, on the disk of the cache. */
  readonly folder: string;
  readonly onProgress: KernelProgressListener;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Downloads all packages of a build and unpacks them on top of each other. Gives the root of the tree.
 * A package file is removed as soon as it is unpacked.
 */
export async function fetchBuild(build: KernelBuild, options: FetchBuildOptions): Promise<string> {
  const { folder, onProgress, signal } = options;
  const { release } = build;
  const totalBytes = downloadSize(build);
  const root = join(folder, 'root');
  await mkdir(root, { recursive: true });
  let before = 0;
  for (const [index, item] of build.packages.entries()) {
    const packageFolder = join(folder, String(index));
    await mkdir(packageFolder);
    const onBytes = (bytes: number) => {
      onProgress({ type: 'kernel:downloading', release, doneBytes: before + bytes, totalBytes });
    };
    onBytes(0);
    const file = await downloadPackage(item, { folder: packageFolder, onBytes, signal });
    await unpackPackage(file, root, signal);
    await rm(packageFolder, { recursive: true });
    before += item.size;
  }
  onProgress({ type: 'kernel:extracting', release });
  return root;
}

/** Not `dpkg-deb -x`: the `tar` that it starts would go on writing if it and we were killed. */
async function unpackPackage(
  file: string,
  root: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { exitCode, stderr } = await runPipe(
    ['dpkg-deb', '--fsys-tarfile', file],
    ['tar', '-x', '--no-same-owner', '--exclude=./usr/share', '-C', root],
    { signal },
  );
  if (exitCode !== 0) {
    throw new CrossbpfError({
      code: 'INFRA_CANNOT_UNPACK',
      file,
      message: `the package cannot be unpacked: ${stderr}`,
      output: stderr,
    });
  }
}
