import { z } from 'zod';
import { createProgram } from './commands/command-line.ts';
import { type OutputStream, processContext } from './commands/context.ts';
import { EXIT } from './commands/exit-code.ts';
import { reportFailure } from './commands/failure.ts';
import { findPackage } from './commands/find-package.ts';
import { interruptionSignal } from './commands/interruption.ts';
import { CrossbpfError } from './crossbpf-error.ts';

/** Runs a command line, without the node and script words, and gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  // Each schema is used a few times: to compile one takes longer than that.
  z.config({ jitless: true });
  const signal = interruptionSignal();
  const context = processContext({ ...findPackage(import.meta.dirname), signal });
  watchOutputs(context.stderr);
  try {
    return await createProgram(context).execute(argv);
  } catch (thrown) {
    if (signal.aborted) return EXIT.interrupted;
    return reportFailure(thrown, context.stderr);
  }
}

/** `crossbpf … | head` closes our standard output; that is no failure. That it cannot be written to is one. */
function watchOutputs(stderr: OutputStream): void {
  process.stderr.on('error', () => {});
  let told = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || told) return;
    told = true;
    process.removeAllListeners('exit');
    // The command may have ended already, with an exit code that promises its output.
    process.once('exit', () => {
      process.exitCode = reportFailure(outputFailure(error), stderr);
    });
  });
}

function outputFailure(cause: NodeJS.ErrnoException): CrossbpfError {
  const why = cause.code === 'ENOSPC' ? 'no space left' : cause.message;
  return new CrossbpfError({
    code: 'INFRA_STANDARD_OUTPUT',
    message: `standard output cannot be written to: ${why}`,
    cause,
  });
}
