import { asError, CrossbpfError } from '../crossbpf-error.ts';
import { createColors } from '../report/colors.ts';
import { formatDiagnostics } from '../report/diagnostics.ts';
import { terminalLines, terminalText } from '../report/sinks/terminal.ts';
import { systemFailure } from '../system-failure.ts';
import type { OutputStream } from './context.ts';
import { EXIT, exitCodeOf } from './exit-code.ts';

/** Says why a command ended, and gives its exit code. Only a bug of ours shows its stack. */
export function reportFailure(thrown: unknown, stderr: OutputStream): number {
  const known = thrown instanceof CrossbpfError ? thrown : systemFailure(thrown);
  if (known === undefined) {
    const error = asError(thrown);
    stderr.write(`crossbpf: this is a bug: ${terminalLines(error.stack ?? error.message)}\n`);
    return EXIT.infrastructure;
  }
  stderr.write(formatError(known, stderr));
  return exitCodeOf(known);
}

/** Longer than a name or a value: a message holds some of them. */
const MOST_CHARACTERS = 4000;

/** An error for people: one line, then what an external tool said. Nothing of it acts on a terminal or a runner. */
export function formatError(error: CrossbpfError, output: Pick<OutputStream, 'color'>): string {
  const colors = createColors(output.color);
  const summary = terminalText(error.summary, MOST_CHARACTERS);
  const lines = [`${colors.red(colors.bold('error:'))} ${summary}`];
  const { output: said, console: guest } = error.facts;
  if (said !== undefined && said.trim() !== '') lines.push(formatDiagnostics(said, colors));
  if (guest !== undefined)
    lines.push(...guest.map(line => colors.dim(`  | ${terminalText(line)}`)));
  return `${lines.join('\n')}\n`;
}
