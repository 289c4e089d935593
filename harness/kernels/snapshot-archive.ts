import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CrossbpfError } from '../crossbpf-error.ts';
import { openTempFolder } from '../storage/temp-folder.ts';
import type { KernelPackage, PackageRole } from './kernel-build.ts';
import type { LockedKernel } from './kernel-lock.ts';
import { runTool } from './run-tool.ts';

/** Keeps every package that has ever been in Debian's archive. */
export const DEFAULT_SNAPSHOT = 'https://snapshot.debian.org';

/** `/mr/binary/PACKAGE/VERSION/binfiles?fileinfo=1` of the service's machine-readable interface. */
const binaryFiles = z.object({
  result: z.array(z.object({ architecture: z.string(), hash: z.string() })),
  fileinfo: z.record(
    z.string(),
    z.array(
      z.object({
        archive_name: z.string(),
        first_seen: z.string(),
        path: z.string(),
        name: z.string(),
        size: z.number(),
      }),
    ),
  ),
});

export interface WantedPackage {
  readonly packageName: string;
  readonly sha256: string;
  readonly locked: LockedKernel;
}

export interface SnapshotOptions {
  readonly snapshot: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where a package that has left the archive can be downloaded. The lock file's digest vouches for what
 * comes from there. INFRA_BUILD_GONE if it is not to be had.
 */
export async function findSnapshotPackage(
  wanted: WantedPackage,
  { snapshot, signal }: SnapshotOptions,
): Promise<KernelPackage> {
  const { packageName, sha256, locked } = wanted;
  const path = [packageName, locked.version].map(encodeURIComponent).join('/');
  const address = `${snapshot}/mr/binary/${path}/binfiles?fileinfo=1`;
  const answer = await fetchText(address, signal).catch(error => {
    throw buildGone(wanted, error);
  });
  const parsed = binaryFiles.safeParse(answer);
  const hash = parsed.data?.result.find(({ architecture }) => architecture === locked.arch)?.hash;
  const [file] = (hash === undefined ? undefined : parsed.data?.fileinfo[hash]) ?? [];
  if (file === undefined) {
    throw buildGone(wanted, parsed.error);
  }
  const folder = `${snapshot}/archive/${file.archive_name}/${file.first_seen}${file.path}`;
  return {
    name: packageName,
    role: roleOf(packageName),
    url: `${folder}/${file.name}`,
    size: file.size,
    // Not told; Debian compresses modules and kernels by themselves, the package adds little.
    installedSize: file.size * 2,
    sha256,
  };
}

function roleOf(packageName: string): PackageRole {
  const [, kind] = /^linux-(base|modules)-/.exec(packageName) ?? [];
  return kind === 'base' || kind === 'modules' ? kind : 'kernel';
}

/** Through apt too: it knows the machine's proxies. */
async function fetchText(address: string, signal: AbortSignal | undefined): Promise<unknown> {
  await using folder = await openTempFolder('crossbpf-snapshot');
  const file = join(folder.path, 'answer.json');
  const options = ['-o', 'APT::Sandbox::User=root', '-o', 'Acquire::Retries=1'];
  const args = [...options, 'download-file', address, file];
  const { exitCode, stderr } = await runTool('/usr/lib/apt/apt-helper', args, { signal });
  if (exitCode !== 0) {
    throw new Error(stderr);
  }
  return JSON.parse(await readFile(file, 'utf8'));
}

function buildGone({ packageName, locked }: WantedPackage, cause: unknown): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_BUILD_GONE',
    message: `${packageName} ${locked.version}, which the lock file names, has left Debian's archive and is not on snapshot.debian.org either`,
    hint: 'Remove its entry from the lock file to use the newest build.',
    cause,
  });
}
