import { execa } from 'execa';
import { CrossbpfError } from '../crossbpf-error.ts';

export interface ToolOptions {
  readonly signal?: AbortSignal | undefined;
  /** Given to its standard input. */
  readonly input?: Buffer;
}

export interface ToolResult {
  readonly exitCode: number | undefined;
  readonly stdout: Buffer;
  /** What it said on both outputs, for messages; without stdout where that is data. */
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
};

/** 128 + SIGKILL and so on come from shells; setpriv itself says 127 when it finds no such command. */
const NOT_FOUND = 127;
const MAX_OUTPUT = 1_000_000_000;

/**
 * Runs an external tool to its end. It is killed if this process dies (`setpriv --pdeathsig`), so that
 * nothing writes to the cache after us. Aborting rejects with the signal's reason.
 */
export async function runTool(
  command: string,
  args: readonly string[],
  { signal, input }: ToolOptions = {},
): Promise<ToolResult> {
  signal?.throwIfAborted();
  const result = await execa('setpriv', ['--pdeathsig', 'KILL', '--', command, ...args], {
    ...(signal === undefined ? {} : { cancelSignal: signal }),
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
    env: { LC_ALL: 'C.UTF-8' },
    encoding: 'buffer',
    maxBuffer: MAX_OUTPUT,
    reject: false,
  });
  signal?.throwIfAborted();
  if (result.exitCode === NOT_FOUND || result.code === 'ENOENT') {
    throw missingTool(command, result.cause);
  }
  return {
    exitCode: result.exitCode,
    stdout: Buffer.from(result.stdout),
    stderr: new TextDecoder().decode(result.stderr).trim(),
  };
}

export function missingTool(command: string, cause?: unknown): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_NO_TOOL',
    message: `${command} cannot be run`,
    hint: `Install it with \`apt install ${PACKAGES[command] ?? command}\`.`,
    cause,
  });
}
