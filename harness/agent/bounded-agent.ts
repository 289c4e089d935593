import type { ExecaError } from 'execa';

/** How an agent that looks into objects ended. */
export type BoundedAnswer =
  | { readonly kind: 'answered'; readonly stdout: string }
  /** It says what is wrong, in one line. */
  | { readonly kind: 'refused'; readonly message: string }
  /** It took more than it may, or died of what it read. */
  | { readonly kind: 'exceeded'; readonly message: string };

export interface BoundedOptions {
  readonly input?: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** What it may print, in bytes. */
const MAX_OUTPUT = 1 << 29;

/**
 * Runs the agent on this machine to look into objects, until a deadline. It limits its own memory and time on
 * processors (`agent/bounds`), as the objects are anybody's. Aborting rejects with the signal's reason.
 */
export async function runBounded(
  binary: string,
  args: readonly string[],
  { input, timeoutMs, signal }: BoundedOptions,
): Promise<BoundedAnswer> {
  const { execa } = await import('execa');
  const asked = await execa(binary, args, {
    ...{ reject: false, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT },
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  signal?.throwIfAborted();
  if (!asked.failed) return { kind: 'answered', stdout: asked.stdout };
  const reason = excess(asked as ExecaError, timeoutMs);
  if (reason !== undefined) return { kind: 'exceeded', message: reason };
  return { kind: 'refused', message: lastLine(asked.stderr) };
}

/** Go's runtime prints a stack of its own for what a program cannot recover from; the user's object is no bug of ours. */
function excess(asked: ExecaError, timeoutMs: number): string | undefined {
  if (asked.timedOut) return `it takes longer than ${timeoutMs / 1000} s to read`;
  const said = String(asked.stderr);
  if (/out of memory|cannot allocate memory/.test(said)) return 'it takes too much memory to read';
  if (/stack overflow|goroutine stack exceeds/.test(said)) {
    return 'its types are nested too deeply, or refer to themselves';
  }
  if (asked.signal === 'SIGKILL' || asked.signal === 'SIGXCPU') {
    return 'it takes too much processor time to read';
  }
  if (asked.isMaxBuffer) return 'it holds more than can be described';
  if (asked.signal !== undefined || /^(?:fatal error|panic): /m.test(said)) {
    return 'it cannot be read: the reader died of it';
  }
  return undefined;
}

function lastLine(text: string): string {
  return (text.trim().split('\n').at(-1) ?? '').replace('crossbpf-agent: ', '');
}
