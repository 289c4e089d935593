import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { formatCachedJson, readCachedJson } from '../storage/cached-json.ts';
import { areIntact, noteChecksums } from '../storage/checksums.ts';
import type { Kernel } from './kernel.ts';

/** Changes when the files of an entry do, or when those written before may be wrong. */
export const ENTRY_FORMAT = 3;

/** A kernel in the cache: `kernel.json` in a folder with its files. Paths are relative to the folder. */
export const kernelEntry = z.strictObject({
  format: z.literal(ENTRY_FORMAT),
  release: z.string(),
  upstream: z.string(),
  packageVersion: z.string().optional(),
  arch: z.enum(['amd64', 'arm64', 's390x']),
  image: z.string(),
  /** Size of the image in bytes. */
  imageBytes: z.number(),
  config: z.string().optional(),
  modules: z.array(z.string()),
  missingModules: z.array(z.string()),
  digest: z.string(),
});
export type KernelEntry = Readonly<z.infer<typeof kernelEntry>>;

export const ENTRY_FILE = 'kernel.json';

/** The kernel of an entry; undefined if it is not there or was damaged. Reads two small files. */
export async function readKernelEntry(folder: string): Promise<Kernel | undefined> {
  const data = await readCachedJson(join(folder, ENTRY_FILE), kernelEntry);
  if (data === undefined) {
    return undefined;
  }
  return (await areIntact(folder, filesOf(data))) ? toKernel(folder, data) : undefined;
}

/** Writes `kernel.json` beside the files that it names. */
export async function writeKernelEntry(folder: string, entry: KernelEntry): Promise<void> {
  await noteChecksums(folder, filesOf(entry));
  await writeFile(join(folder, ENTRY_FILE), formatCachedJson(entry));
}

function filesOf({ image, config, modules }: KernelEntry): string[] {
  return [image, ...modules, ...(config === undefined ? [] : [config])];
}

function toKernel(folder: string, entry: KernelEntry): Kernel {
  const { release, upstream, packageVersion, arch, config, missingModules, digest } = entry;
  return {
    release,
    upstream,
    ...(packageVersion === undefined ? {} : { packageVersion }),
    arch,
    image: join(folder, entry.image),
    ...(config === undefined ? {} : { config: join(folder, config) }),
    modules: entry.modules.map(module => join(folder, module)),
    missingModules,
    digest,
  };
}

/** Notes that an entry was used, for eviction of those that are not. */
export async function touchEntry(folder: string, now: Date): Promise<void> {
  await utimes(join(folder, ENTRY_FILE), now, now).catch(() => {});
}
