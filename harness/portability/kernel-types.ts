import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { imagesFolder } from '../kernels/images-folder.ts';
import { readKernelEntry } from '../kernels/kernel-entry.ts';
import { compareKernelVersions, seriesOf } from '../kernels/kernel-version.ts';
import { writeFileAtomically } from '../storage/atomic-write.ts';
import { readCachedJson, writeCachedJson } from '../storage/cached-json.ts';
import { findSection } from './elf-section.ts';

const typesFacts = z.strictObject({
  release: z.string(),
  upstream: z.string(),
  arch: z.string(),
  /** The kernel's configuration as text; null where its package had none. */
  config: z.string().nullable(),
});

/** The types of one kernel, in a file, and its configuration. */
export interface KernelTypes extends z.infer<typeof typesFacts> {
  /** Path of raw BTF. */
  readonly file: string;
}

/**
 * The types of all kernels that the cache has or has had, newest first. They are taken out of an image once and kept
 * (about 5 MB) when the image goes.
 */
export async function collectKernelTypes(cacheRoot: string): Promise<KernelTypes[]> {
  const images = imagesFolder(cacheRoot);
  const names = await readdir(images).catch(() => []);
  await Promise.all(names.map(name => keepTypes(path.join(images, name), cacheRoot)));
  const folder = typesFolder(cacheRoot);
  const kept = (await readdir(folder).catch(() => [])).filter(name => name.endsWith('.json'));
  const found = await Promise.all(
    kept.map(async name => {
      const facts = await readCachedJson(path.join(folder, name), typesFacts);
      const file = path.join(folder, name.replace(/json$/, 'btf'));
      return facts === undefined || !(await isThere(file)) ? [] : [{ ...facts, file }];
    }),
  );
  return found.flat().sort((a, b) => compareKernelVersions(b.upstream, a.upstream));
}

/** The newest kernel of a version or series among those whose types are at hand. */
export function typesOf(known: readonly KernelTypes[], version: string): KernelTypes | undefined {
  const exact = known.find(({ upstream, release }) => upstream === version || release === version);
  if (exact !== undefined || version !== seriesOf(version)) return exact;
  return known.find(({ upstream, arch }) => seriesOf(upstream) === version && arch === 'amd64');
}

async function keepTypes(entry: string, cacheRoot: string): Promise<void> {
  const base = path.join(typesFolder(cacheRoot), path.basename(entry));
  if (await isThere(`${base}.json`)) return;
  const kernel = await readKernelEntry(entry);
  if (kernel === undefined) return;
  const types = findSection(await readFile(kernel.image), '.BTF');
  if (types === undefined) return;
  const config =
    kernel.config === undefined ? null : await readFile(kernel.config, 'utf8').catch(() => null);
  const { release, upstream, arch } = kernel;
  await writeFileAtomically(`${base}.btf`, types);
  await writeCachedJson(`${base}.json`, { release, upstream, arch, config });
}

function typesFolder(cacheRoot: string): string {
  return path.join(cacheRoot, 'types');
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
