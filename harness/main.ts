import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createProgram } from './commands/command-line.ts';
import { processContext } from './commands/context.ts';
import { EXIT } from './commands/exit-code.ts';
import { reportFailure } from './commands/failure.ts';

/** Runs a command line, without the node and script words, and gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => interrupted.abort(new Error(`ended by ${name}`)));
  }
  ignoreClosedPipe();
  const packageRoot = findPackageRoot(import.meta.dirname);
  const context = processContext({
    packageRoot,
    toolVersion: readVersion(packageRoot),
    signal: interrupted.signal,
  });
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

function findPackageRoot(folder: string): string {
  const isBuilt = path.basename(path.dirname(folder)) === 'dist';
  return path.resolve(folder, isBuilt ? '../..' : '..');
}

function readVersion(packageRoot: string): string {
  const text = readFileSync(path.join(packageRoot, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
