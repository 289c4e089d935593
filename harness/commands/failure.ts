import { asError, CrossbpfError } from '../crossbpf-error.ts';
import { createColors } from '../report/colors.ts';
import { systemFailure } from '../system-failure.ts';
import type { OutputStream } from './context.ts';
import { EXIT, exitCodeOf } from './exit-code.ts';

/** Says why a command ended, and gives its exit code. Only a bug of ours shows its stack. */
export function reportFailure(thrown: unknown, stderr: OutputStream): number {
  const known = thrown instanceof CrossbpfError ? thrown : systemFailure(thrown);
  if (known === undefined) {
    const error = asError(thrown);
    stderr.write(`crossbpf: this is a bug: ${error.stack ?? error.message}\n`);
    return EXIT.infrastructure;
  }
  stderr.write(formatError(known, stderr));
  return exitCodeOf(known);
}

/** An error for people: one line, then what an external tool said, as it said it. */
export function formatError(error: CrossbpfError, output: Pick<OutputStream, 'color'>): string {
  const colors = createColors(output.color);
  const lines = [`${colors.red(colors.bold('error:'))} ${error.summary}`];
  const { output: said, console: guest } = error.facts;
  if (said !== undefined && said.trim() !== '') lines.push(said.trimEnd());
  if (guest !== undefined) lines.push(...guest.map(line => colors.dim(`  | ${line}`)));
  return `${lines.join('\n')}\n`;
}
