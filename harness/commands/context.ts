import { cacheRoot } from '../storage/cache-root.ts';

/** What a command may see of the world; tests pass their own. */
export interface CommandContext {
  /** The working folder. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly cacheRoot: string;
  /** The root of this package. */
  readonly packageRoot: string;
  readonly toolVersion: string;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Milliseconds from an origin that does not move. */
  readonly now: () => number;
}

export interface OutputStream {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly color: boolean;
}

const PIPE_COLUMNS = 120;

/** The context of the real command line. */
export function processContext(
  base: Pick<CommandContext, 'packageRoot' | 'toolVersion' | 'signal'>,
): CommandContext {
  return {
    ...base,
    folder: process.cwd(),
    environment: process.env,
    cacheRoot: cacheRoot(process.env),
    stdout: outputStream(process.stdout, process.env),
    stderr: outputStream(process.stderr, process.env),
    now: () => performance.now(),
  };
}

function outputStream(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): OutputStream {
  const isTerminal = stream.isTTY === true;
  const columns = Number(environment['COLUMNS']) || stream.columns || PIPE_COLUMNS;
  return {
    write: text => void stream.write(text),
    ...{ isTerminal, columns, color: wantsColor(isTerminal, environment) },
  };
}

/** https://no-color.org: any value that is not empty turns colour off; FORCE_COLOR turns it on. */
function wantsColor(isTerminal: boolean, environment: NodeJS.ProcessEnv): boolean {
  if (environment['NO_COLOR']) return false;
  const force = environment['FORCE_COLOR'];
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return isTerminal && environment['TERM'] !== 'dumb';
}
