import { CrossbpfError } from '../crossbpf-error.ts';

export interface ToolOptions {
  readonly signal?: AbortSignal | undefined;
  /** Given to its standard input. */
  readonly input?: Buffer;
}

export interface ToolResult {
  readonly exitCode: number | undefined;
  readonly stdout: Buffer;
  /** What it said, for messages. */
  readonly stderr: string;
}

/** Packages that bring the tools which are not on every machine. */
const PACKAGES: Readonly<Record<string, string>> = {
  'apt-get': 'apt',
  '/usr/lib/apt/apt-helper': 'apt',
  'dpkg-deb': 'dpkg',
  xz: 'xz-utils',
  lz4: 'lz4',
  bzip2: 'bzip2',
  lzop: 'lzop',
  setpriv: 'util-linux',
};

/** What setpriv, which starts all others, ends with when it finds no such command. */
const NOT_FOUND = 127;
const MAX_OUTPUT = 1_000_000_000;

/**
 * Runs an external tool to its end. It is killed if this process dies (`setpriv --pdeathsig`), so that
 * it does not go on writing to the cache after us. Aborting rejects with the signal's reason.
 */
export async function runTool(
  command: string,
  args: readonly string[],
  { signal, input }: ToolOptions = {},
): Promise<ToolResult> {
  signal?.throwIfAborted();
  // Loaded where it is used, here and elsewhere: a run that has all in its cache needs none of its 250 kB.
  const { execa } = await import('execa');
  const result = await execa('setpriv', tied([command, ...args]), {
    ...toolOptions(signal),
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
  });
  signal?.throwIfAborted();
  return toResult(command, result);
}

/**
 * Runs two tools, the second on what the first prints. The data goes through this process, so both end
 * when it does, and whatever processes the first has started of its own. The first failure is the result.
 */
export async function runPipe(
  from: readonly [command: string, ...args: string[]],
  to: readonly [command: string, ...args: string[]],
  { signal }: Pick<ToolOptions, 'signal'> = {},
): Promise<ToolResult> {
  signal?.throwIfAborted();
  const { execa } = await import('execa');
  const first = execa('setpriv', tied(from), {
    ...toolOptions(signal),
    stdin: 'ignore',
    buffer: { stdout: false },
  });
  const second = await first.pipe('setpriv', tied(to), toolOptions(signal));
  signal?.throwIfAborted();
  const results = [toResult(from[0], await first), toResult(to[0], second)] as const;
  // Where the second one fails, the first is told only that nobody listens any more.
  return results[1].exitCode === 0 ? results[0] : results[1];
}

function tied(command: readonly string[]): string[] {
  return ['--pdeathsig', 'KILL', '--', ...command];
}

function toolOptions(signal: AbortSignal | undefined) {
  return {
    ...(signal === undefined ? {} : { cancelSignal: signal }),
    env: { LC_ALL: 'C.UTF-8' },
    encoding: 'buffer',
    maxBuffer: MAX_OUTPUT,
    reject: false,
  } as const;
}

interface ExecaResult {
  readonly exitCode?: number | undefined;
  readonly code?: string | undefined;
  readonly cause?: unknown;
  readonly stdout?: Uint8Array | undefined;
  readonly stderr?: Uint8Array | undefined;
}

function toResult(command: string, result: ExecaResult): ToolResult {
  if (result.code === 'ENOENT') {
    throw missingTool('setpriv', result.cause);
  }
  if (result.exitCode === NOT_FOUND) {
    throw missingTool(command, result.cause);
  }
  return {
    exitCode: result.exitCode,
    stdout: Buffer.from(result.stdout ?? []),
    stderr: new TextDecoder().decode(result.stderr).trim(),
  };
}

function missingTool(command: string, cause?: unknown): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_NO_TOOL',
    message: `${command} cannot be run`,
    hint: `Install it with \`apt install ${PACKAGES[command] ?? command}\`.`,
    cause,
  });
}
