import { createColors } from '../report/colors.ts';
import type { CommandContext } from './context.ts';
import { type Diagnosis, diagnoses } from './diagnoses.ts';
import { EXIT } from './exit-code.ts';

const SIGNS = { good: '✓', missing: '✗', notice: '–' } as const;

/** `crossbpf doctor`: what is there, what is missing, how to fix it. Exit code 3 if a run would fail. */
export async function doctorCommand(context: CommandContext): Promise<number> {
  let allGood = true;
  for (const { subject, diagnose } of diagnoses) {
    context.signal.throwIfAborted();
    const diagnosis = await diagnose(context);
    allGood &&= diagnosis.state !== 'missing';
    context.stdout.write(formatDiagnosis(subject, diagnosis, context.stdout.color));
  }
  return allGood ? EXIT.asExpected : EXIT.infrastructure;
}

function formatDiagnosis(subject: string, diagnosis: Diagnosis, color: boolean): string {
  const colors = createColors(color);
  const paint = { good: colors.green, missing: colors.red, notice: colors.yellow }[diagnosis.state];
  const line = `${paint(SIGNS[diagnosis.state])} ${subject.padEnd(14)}${diagnosis.found}\n`;
  return diagnosis.fix === undefined ? line : `${line}${' '.repeat(16)}→ ${diagnosis.fix}\n`;
}
