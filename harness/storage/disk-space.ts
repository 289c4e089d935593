import { mkdir, statfs } from 'node:fs/promises';
import { CrossbpfError } from '../crossbpf-error.ts';

export interface SpaceNeed {
  readonly folder: string;
  /** How many bytes are going to be written there, about. */
  readonly bytes: number;
}

/** Fails with INFRA_DISK_FULL before anything is written, if it cannot fit. */
export async function ensureSpace(need: SpaceNeed): Promise<void> {
  await withDiskFullError(need, () => mkdir(need.folder, { recursive: true }));
  if ((await freeBytes(need.folder)) < need.bytes) {
    throw await diskFull(need);
  }
}

/** Runs `write`; a full disk, its own or that of a tool it ran, becomes INFRA_DISK_FULL. */
export async function withDiskFullError<T>(need: SpaceNeed, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (isDiskFull(error)) {
      throw await diskFull(need, error);
    }
    throw error;
  }
}

function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) {
    return false;
  }
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return true;
  }
  const output = error instanceof CrossbpfError ? error.facts.output : undefined;
  const said = `${error.message}\n${output ?? ''}`;
  return /no space left on device|disk quota exceeded/i.test(said) || isDiskFull(error.cause);
}

async function diskFull({ folder, bytes }: SpaceNeed, cause?: unknown): Promise<CrossbpfError> {
  const free = await freeBytes(folder).catch(() => 0);
  return new CrossbpfError({
    code: 'INFRA_DISK_FULL',
    file: folder,
    message: `no space left: about ${megabytes(bytes)} needed, ${megabytes(free)} free`,
    hint: 'Free some with `crossbpf kernels prune`, or set CROSSBPF_CACHE to a folder on another disk.',
    cause,
  });
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
