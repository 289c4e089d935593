import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { CrossbpfError } from '../crossbpf-error.ts';
import { readCachedJson, writeCachedJson } from '../storage/cached-json.ts';
import { withDiskFullError } from '../storage/disk-space.ts';
import { writeEntry } from './extract-kernel.ts';
import { imagesFolder } from './images-folder.ts';
import type { Architecture, Kernel } from './kernel.ts';
import { readKernelEntry, touchEntry } from './kernel-entry.ts';
import { openKernelImage } from './kernel-image.ts';
import { entryName, storeKernel } from './kernel-store.ts';
import { upstreamOfRelease } from './kernel-version.ts';
import type { KernelProgressListener } from './progress.ts';

export interface FileKernelOptions {
  readonly arch: Architecture;
  readonly cacheRoot: string;
  readonly onProgress: KernelProgressListener;
  readonly signal?: AbortSignal | undefined;
}

/** Which entry of the cache came of a file that looked like this from the outside. */
const seenFile = z.strictObject({ entry: z.string() });

/**
 * A kernel from a bzImage, vmlinux or Image. It is copied into the cache by content, so that whoever
 * replaces the file does not pull it from under a guest. A file that has not changed (path, inode, size,
 * times) is not read again. Fails with USAGE_NO_SUCH_FILE, USAGE_NOT_A_KERNEL, USAGE_WRONG_ARCH.
 */
export async function resolveFileKernel(path: string, options: FileKernelOptions): Promise<Kernel> {
  const file = resolve(path);
  const seen = await seenPath(file, path, options.cacheRoot);
  const known = await recall(seen, options);
  const kernel = known ?? (await readKernelFile(file, seen, options));
  if (kernel.arch !== options.arch) {
    throw wrongArchitecture(path, kernel.arch, options.arch);
  }
  return kernel;
}

async function seenPath(file: string, path: string, cacheRoot: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  if (found === undefined || !found.isFile()) {
    throw new CrossbpfError({
      code: found === undefined ? 'USAGE_NO_SUCH_FILE' : 'USAGE_NOT_A_KERNEL',
      file: path,
      message: found === undefined ? 'no such kernel file' : 'not a kernel: it is no plain file',
      hint: 'Give a bzImage (arch/x86/boot/bzImage, /boot/vmlinuz-…) or an uncompressed vmlinux.',
    });
  }
  const { ino, dev, size, mtimeNs, ctimeNs } = found;
  const identity = [file, ino, dev, size, mtimeNs, ctimeNs].join('\0');
  const digest = createHash('sha256').update(identity).digest('hex').slice(0, 32);
  return join(cacheRoot, 'kernels', 'files', `${digest}.json`);
}

async function recall(seen: string, { cacheRoot }: FileKernelOptions): Promise<Kernel | undefined> {
  const data = await readCachedJson(seen, seenFile);
  if (data === undefined) {
    return undefined;
  }
  const folder = join(imagesFolder(cacheRoot), data.entry);
  const kernel = await readKernelEntry(folder);
  if (kernel !== undefined) {
    await touchEntry(folder, new Date());
  }
  return kernel;
}

async function readKernelFile(
  file: string,
  seen: string,
  { cacheRoot, onProgress, signal }: FileKernelOptions,
): Promise<Kernel> {
  const content = await readFile(file);
  const image = await openKernelImage(content, file, signal);
  const release = image.release ?? 'unknown';
  const digest = createHash('sha256').update(content).digest('hex');
  const name = entryName(release, [digest], []);
  const bytes = image.data.length;
  const kernel = await storeKernel({
    cacheRoot,
    name,
    purpose: `copy ${file}`,
    bytes,
    onProgress,
    signal,
    fill: async folder => {
      onProgress({ type: 'kernel:extracting', release });
      await writeEntry(folder, image, {
        release,
        upstream: upstreamOfRelease(release),
        arch: image.arch,
        modules: [],
        missingModules: [],
      });
    },
  });
  await withDiskFullError({ folder: cacheRoot, bytes: 4096 }, () =>
    writeCachedJson(seen, { entry: name }),
  );
  return kernel;
}

function wrongArchitecture(file: string, is: Architecture, wanted: Architecture): CrossbpfError {
  return new CrossbpfError({
    code: 'USAGE_WRONG_ARCH',
    file,
    message: `this kernel is for ${is}, the target for ${wanted}`,
    hint: `Name it as linux:${file}/${is}.`,
  });
}
