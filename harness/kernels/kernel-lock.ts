import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CrossbpfError } from '../crossbpf-error.ts';
import { writeFileAtomically } from '../storage/atomic-write.ts';
import { type ArchiveReference, referenceName } from './choose-build.ts';
import type { Architecture } from './kernel.ts';
import type { KernelBuild } from './kernel-build.ts';

/** The build that a name is pinned to. */
const lockedKernel = z.strictObject({
  release: z.string(),
  arch: z.enum(['amd64', 'arm64', 's390x']),
  /** The version of its packages. */
  version: z.string(),
  /** SHA-256 of each package by its name; the one with the kernel itself first. */
  packages: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
});
export type LockedKernel = Readonly<z.infer<typeof lockedKernel>>;

/** `crossbpf.lock.json`: names as users write them, `linux@6.12` or `linux@6.12/arm64`. */
export const kernelLock = z.strictObject({
  schema: z.literal('crossbpf/lock@1'),
  kernels: z.record(z.string(), lockedKernel),
});
export type KernelLock = Readonly<z.infer<typeof kernelLock>>;

/** The name in the lock file; amd64 is not spelled out. */
export function lockKey(reference: ArchiveReference, arch: Architecture): string {
  return referenceName(reference) + (arch === 'amd64' ? '' : `/${arch}`);
}

export function lockBuild({ release, packageVersion, packages }: KernelBuild, arch: Architecture) {
  const digests = Object.fromEntries(packages.map(({ name, sha256 }) => [name, sha256]));
  return { release, arch, version: packageVersion, packages: digests } satisfies LockedKernel;
}

/** Reads a lock file; undefined if there is none. USAGE_BAD_LOCK for one that cannot be understood. */
export async function readKernelLock(path: string): Promise<KernelLock | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return undefined;
    }
    throw badLock(path, error.message, error);
  });
  if (text === undefined) {
    return undefined;
  }
  const parsed = kernelLock.safeParse(parseJson(path, text));
  if (!parsed.success) {
    throw badLock(path, z.prettifyError(parsed.error).replace(/\s*\n\s*/g, ' '), parsed.error);
  }
  return parsed.data;
}

/** Writes a lock file, sorted by name so that its differences read well. */
export async function writeKernelLock(path: string, lock: KernelLock): Promise<void> {
  const names = Object.keys(lock.kernels).sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  const kernels = Object.fromEntries(names.map(name => [name, lock.kernels[name]]));
  const text = JSON.stringify({ schema: lock.schema, kernels }, undefined, 2);
  await writeFileAtomically(path, `${text}\n`);
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badLock(path, 'it is no JSON', error);
  }
}

function badLock(path: string, why: string, cause: unknown): CrossbpfError {
  return new CrossbpfError({
    code: 'USAGE_BAD_LOCK',
    file: path,
    message: `the lock file cannot be read: ${why}`,
    hint: 'Correct it, or remove it to have it written anew.',
    cause,
  });
}
