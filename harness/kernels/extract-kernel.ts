import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CrossbpfError } from '../crossbpf-error.ts';
import { chooseModules, openModuleFolder } from './choose-modules.ts';
import type { Architecture } from './kernel.ts';
import { ENTRY_FORMAT, type KernelEntry, writeKernelEntry } from './kernel-entry.ts';
import { type KernelImage, openKernelImage } from './kernel-image.ts';

export interface UnpackedKernel {
  /** The root of a tree with the files of its packages. */
  readonly root: string;
  readonly release: string;
  readonly upstream: string;
  readonly packageVersion: string;
  readonly arch: Architecture;
}

export interface ExtractOptions {
  readonly folder: string;
  /** Names of the modules to keep, with what they need. */
  readonly modules: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes what a guest needs of an unpacked kernel: image, configuration, modules, and `kernel.json`.
 *
 * Debian puts them into `boot` and `lib/modules` or `usr/lib/modules`, by series.
 */
export async function extractKernel(
  kernel: UnpackedKernel,
  { folder, modules: wanted, signal }: ExtractOptions,
): Promise<void> {
  const { root, release, upstream, packageVersion, arch } = kernel;
  const libraries = [join(root, 'usr/lib/modules', release), join(root, 'lib/modules', release)];
  const bootFile = await firstFile([
    join(root, 'boot', `vmlinuz-${release}`),
    ...libraries.map(library => join(library, 'vmlinuz')),
  ]);
  if (bootFile === undefined) {
    throw oddPackage(release, 'it holds no kernel where one was expected');
  }
  const image = await openPackagedImage(bootFile, release, signal);
  const configFile = await firstFile([
    join(root, 'boot', `config-${release}`),
    ...libraries.map(library => join(library, 'config')),
  ]);
  if (configFile !== undefined) {
    await copyFile(configFile, join(folder, 'config'));
  }
  const library = (await firstFile(libraries)) ?? join(root, 'lib/modules', release);
  const { files, missing } = await writeModules({ folder, modules: wanted, signal }, library);
  await writeEntry(folder, image, {
    release,
    upstream,
    packageVersion,
    arch,
    ...(configFile === undefined ? {} : { config: 'config' }),
    modules: files,
    missingModules: missing,
  });
}

/** Everything of an entry that does not follow from its image. */
export type EntryFacts = Omit<KernelEntry, 'format' | 'image' | 'imageBytes' | 'digest'>;

/** Writes the image and `kernel.json`. */
export async function writeEntry(
  folder: string,
  image: KernelImage,
  facts: EntryFacts,
): Promise<void> {
  await writeFile(join(folder, image.name), image.data);
  const entry: KernelEntry = {
    format: ENTRY_FORMAT,
    ...facts,
    image: image.name,
    imageBytes: image.data.length,
    digest: createHash('sha256').update(image.data).digest('hex'),
  };
  await writeKernelEntry(folder, entry);
}

async function writeModules(
  { folder, modules: wanted, signal }: ExtractOptions,
  library: string,
): Promise<{ readonly files: string[]; readonly missing: string[] }> {
  const source = await openModuleFolder(library, signal);
  const { modules, missing } = await chooseModules(wanted, source);
  await mkdir(join(folder, 'modules'));
  const files: string[] = [];
  for (const { name, data } of modules) {
    const file = join('modules', `${name}.ko`);
    await writeFile(join(folder, file), data);
    files.push(file);
  }
  return { files, missing: [...missing] };
}

async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    if ((await stat(path).catch(() => undefined)) !== undefined) {
      return path;
    }
  }
  return undefined;
}

/** What is wrong with a package is no mistake of the user's. */
async function openPackagedImage(
  file: string,
  release: string,
  signal: AbortSignal | undefined,
): Promise<KernelImage> {
  try {
    return await openKernelImage(await readFile(file), file, signal);
  } catch (error) {
    if (error instanceof CrossbpfError && error.kind === 'usage') {
      throw oddPackage(release, error.message, error);
    }
    throw error;
  }
}

function oddPackage(release: string, why: string, cause?: unknown): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_ODD_PACKAGE',
    message: `the package of ${release} is not as expected: ${why}`,
    hint: 'crossbpf does not know this layout yet: please report it.',
    cause,
  });
}
