import type { Report, ReportedDivergence } from '../report-schema.ts';
import { describeExplained, describeReasons } from './explanations.ts';
import type { Finding } from './finding.ts';
import { fieldName, isOfScenario, participle, rootOf, subjectName } from './subjects.ts';
import { describeGroups } from './targets.ts';

/** Why rows differ, the differences of one value together, and what is expected for one reason. */
export function explainDivergences(
  report: Report,
  divergences: readonly ReportedDivergence[],
): Finding[] {
  const together = Map.groupBy(divergences, each => {
    const { fixture, field, expected, reason, declaredAt } = each;
    const isForOneReason = expected && reason !== undefined && isOfScenario(each.subject);
    return JSON.stringify([fixture, field, isForOneReason ? [reason, declaredAt] : rootOf(each)]);
  });
  return [...together.values()].map(same => explainTogether(report, same));
}

function explainTogether(report: Report, same: readonly ReportedDivergence[]): Finding {
  const [first] = same as readonly [ReportedDivergence];
  const places = same.length + (same.at(-1)?.more ?? 0);
  if (places === 1) return { text: explainDivergence(report, first), details: [] };
  if (first.expected && first.reason !== undefined) {
    const name = subjectName(report, first.fixture, first.subject);
    return { text: `${name} and ${places - 1} more: ${first.reason}`, details: [] };
  }
  const name = subjectName(report, first.fixture, rootOf(first));
  const details = same.map(each => `${each.path || 'all'}: ${explainValues(report, each)}`);
  const text = `${name} differs in ${places} places`;
  return { text, details, more: places - same.length };
}

/** Why a row differs, in one line: `may-goto: 5.10–6.1: rejected (unknown opcode e5) · ≥6.12: accepted`. */
export function explainDivergence(report: Report, divergence: ReportedDivergence): string {
  const { fixture, subject, field } = divergence;
  const name = subjectName(report, fixture, subject);
  const what = isOfScenario(subject) ? fieldName(field) : programField(field);
  return `${name}${what === '' ? '' : `, ${what}`}: ${explainValues(report, divergence)}`;
}

/** Reasons speak for themselves. */
function programField(field: string): string {
  if (field === 'kernelLog') return 'the kernel warned';
  return field === 'reason' ? '' : fieldName(field);
}

function explainValues(report: Report, divergence: ReportedDivergence): string {
  const { field, expected, reason, values } = divergence;
  if (field === 'verdict') return explainVerdict(report, divergence);
  if (expected && reason !== undefined && field !== 'reason') return reason;
  if (field === 'kernelLog') return describeGroups(report, values);
  if (field !== 'errno') return describeGroups(report, values);
  return describeExplained(report, { subject: divergence, values }, (value, said) =>
    said === null || value === 'ok' ? value : `${value} (${said})`,
  );
}

function explainVerdict(report: Report, divergence: ReportedDivergence): string {
  const { values, expected, reason: declared } = divergence;
  const against = Object.entries(values).filter(([, verdict]) => verdict !== 'accept');
  const isOneKind = new Set(against.map(([, verdict]) => verdict)).size === 1;
  if (expected && declared !== undefined && isOneKind) {
    const targets = against.map(([target]) => target);
    return `${declared}: ${describeReasons(report, divergence, targets)}`;
  }
  return describeExplained(report, { subject: divergence, values }, (verdict, said) =>
    said === null ? participle(verdict) : `${participle(verdict)} (${said})`,
  );
}
