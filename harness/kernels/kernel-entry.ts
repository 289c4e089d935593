import { createHash } from 'node:crypto';
import { readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { areIntact, CHECKSUMS_FILE, hasChecksums, noteChecksums } from '../storage/checksums.ts';
import type { Kernel } from './kernel.ts';

/** Changes when the files of an entry do, or when those written before may be wrong. */
export const ENTRY_FORMAT = 2;

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
  const text = await readFile(join(folder, ENTRY_FILE), 'utf8').catch(() => undefined);
  const entry = text === undefined ? undefined : kernelEntry.safeParse(parseJson(text)).data;
  if (entry === undefined) return undefined;
  const isIntact = await areIntact(folder, filesOf(entry));
  return isIntact || (await adopt(folder, entry)) ? toKernel(folder, entry) : undefined;
}

/** Writes `kernel.json` beside the files that it names. */
export async function writeKernelEntry(folder: string, entry: KernelEntry): Promise<void> {
  await writeFile(join(folder, ENTRY_FILE), `${JSON.stringify(entry, undefined, 2)}\n`);
  await noteChecksums(folder, filesOf(entry));
}

/** An entry of before there were checksums is taken over once, if its image is what it was. */
async function adopt(folder: string, entry: KernelEntry): Promise<boolean> {
  if (await hasChecksums(folder)) return false;
  const image = await readFile(join(folder, entry.image)).catch(() => undefined);
  if (image === undefined) return false;
  if (createHash('sha256').update(image).digest('hex') !== entry.digest) return false;
  return noteChecksums(folder, filesOf(entry)).then(
    () => true,
    () => false,
  );
}

function filesOf({ image, config, modules }: KernelEntry): string[] {
  return [ENTRY_FILE, image, ...modules, ...(config === undefined ? [] : [config])];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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

/** When an entry was used last. */
export async function lastUse(folder: string): Promise<Date> {
  return (await stat(join(folder, CHECKSUMS_FILE))).mtime;
}

/** Notes that an entry was used, for eviction of those that are not. */
export async function touchEntry(folder: string, now: Date): Promise<void> {
  await utimes(join(folder, CHECKSUMS_FILE), now, now).catch(() => {});
}
