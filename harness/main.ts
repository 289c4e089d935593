import { createProgram } from './commands/command-line.ts';
import { processContext } from './commands/context.ts';
import { EXIT } from './commands/exit-code.ts';
import { reportFailure } from './commands/failure.ts';
import { findPackage } from './commands/find-package.ts';

/** Runs a command line, without the node and script words, and gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => interrupted.abort(new Error(`ended by ${name}`)));
  }
  ignoreClosedPipe();
  const { signal } = interrupted;
  const context = processContext({ ...findPackage(import.meta.dirname), signal });
  try {
    return await createProgram(context).execute(argv);
  } catch (thrown) {
    if (interrupted.signal.aborted) return EXIT.interrupted;
    return reportFailure(thrown, context.stderr);
  }
}

/** `crossbpf … | head` closes our standard output; that is no failure. */
function ignoreClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
