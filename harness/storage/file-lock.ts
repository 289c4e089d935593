import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CrossbpfError } from '../crossbpf-error.ts';

/** A lock on a file that other processes respect; disposing it gives it back. */
export type FileLock = AsyncDisposable;

/** Who holds a lock that is being waited for, as far as it is known. */
export interface LockWait {
  readonly path: string;
  /** What it holds it for, and its process id: `extract linux 6.12.107 (process 4711)`. */
  readonly holder: string;
}

export interface FileLockOptions {
  /** What the lock is held for; told to those who wait. */
  readonly purpose: string;
  /** Called once, when the lock is not free at once. */
  readonly onWait?: ((wait: LockWait) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How long one `flock` waits. It cannot see that we died meanwhile, so it must come back now and then. */
const WAIT_SECONDS = '2';
const CONFLICT = 75;

/**
 * Takes an exclusive lock on a file, which is made if it is not there and stays there.
 *
 * A child process (`flock` of util-linux) holds it until its standard input ends, so the kernel gives
 * the lock back however this process dies. Aborting the signal rejects with its reason.
 */
export async function lockFile(path: string, options: FileLockOptions): Promise<FileLock> {
  let lock = await tryLock(path, '0', options);
  if (lock === undefined) {
    options.onWait?.({ path, holder: await holderOf(path) });
  }
  while (lock === undefined) {
    lock = await tryLock(path, WAIT_SECONDS, options);
  }
  return lock;
}

/** Takes the lock if it is free at once, as `lockFile` does. */
export async function lockFileIfFree(
  path: string,
  options: FileLockOptions,
): Promise<FileLock | undefined> {
  return await tryLock(path, '0', options);
}

async function tryLock(
  path: string,
  seconds: string,
  { purpose, signal }: FileLockOptions,
): Promise<FileLock | undefined> {
  signal?.throwIfAborted();
  await mkdir(dirname(path), { recursive: true }).catch(error => {
    throw lockError(path, error);
  });
  const script = 'echo locked; exec cat >/dev/null';
  const args = ['-w', seconds, '-E', String(CONFLICT), path, 'sh', '-c', script];
  const { execa } = await import('execa');
  // A process group of its own: Ctrl-C must not release the lock before we have cleaned up.
  const child = execa('flock', args, {
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
  });
  child.stdin.on('error', () => {});
  const release = async () => {
    child.stdin.end();
    await child;
  };
  const abort = () => {
    child.stdin.end();
    child.kill();
  };
  signal?.addEventListener('abort', abort);
  const locked = await firstOutput(child);
  signal?.removeEventListener('abort', abort);
  if (!locked || signal?.aborted) {
    child.stdin.end();
    const { exitCode, cause } = await child;
    signal?.throwIfAborted();
    if (exitCode === CONFLICT) {
      return undefined;
    }
    throw lockError(path, cause);
  }
  await writeFile(path, `${purpose} (process ${process.pid})\n`).catch(() => {});
  return { [Symbol.asyncDispose]: release };
}

interface WithOutput extends PromiseLike<unknown> {
  readonly stdout: NodeJS.ReadableStream;
}

/** Whether the child printed something before it ended. */
function firstOutput(child: WithOutput): Promise<boolean> {
  return new Promise(resolve => {
    child.stdout.once('data', () => resolve(true));
    child.then(() => resolve(false));
  });
}

async function holderOf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.trim() || 'another process';
}

function lockError(path: string, cause: unknown): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_NO_LOCK',
    file: path,
    message: 'the file cannot be locked',
    hint: 'Install flock (package util-linux), and check that the cache folder can be written.',
    cause,
  });
}
