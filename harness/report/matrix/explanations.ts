import { normalizeReason } from '../../verifier-log/normalize.ts';
import type { Report } from '../report-schema.ts';
import { explanationOn } from './subjects.ts';
import { describeGroups } from './targets.ts';

type Subject = Parameters<typeof explanationOn>[1];
type ByTarget = Readonly<Record<string, string>>;

/**
 * What targets said as `describeGroups` does, with each kernel's own explanation: targets that say the same for other
 * reasons are told apart. Reasons that differ in registers and addresses alone are the same.
 */
export function describeExplained(
  report: Report,
  { subject, values }: { readonly subject: Subject; readonly values: ByTarget },
  show: (value: string, explanation: string | null) => string,
): string {
  const withReasons = Object.entries(values).map(([target, value]) => {
    const explanation = explanationOn(report, subject, [target]) ?? '';
    return [target, JSON.stringify([value, normalizeReason(explanation)])];
  });
  return describeGroups(report, Object.fromEntries(withReasons), (_, targets) =>
    show(values[targets[0] ?? ''] ?? '', explanationOn(report, subject, targets)),
  );
}

/** The reasons of some targets: one, or each with the targets that gave it. */
export function describeReasons(
  report: Report,
  subject: Subject,
  targets: readonly string[],
): string {
  const values = Object.fromEntries(targets.map(target => [target, '']));
  const show = (_: string, said: string | null) => said ?? 'no reason was given';
  return describeExplained(report, { subject, values }, show);
}
