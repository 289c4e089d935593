import type { Report, ReportedExpectation } from '../report-schema.ts';
import { describeExplained, describeReasons } from './explanations.ts';
import type { Finding } from './finding.ts';
import { fieldName, participle, rootOf, subjectName } from './subjects.ts';
import { describeTargets } from './targets.ts';

/** What is not as declared: which place of what, what was expected, what came on which targets, and where it is written. */
export function explainFailures(report: Report): Finding[] {
  const byDeclaration = Map.groupBy(report.failedExpectations, each =>
    JSON.stringify([each.fixture, rootOf(each), each.field, each.declaredAt]),
  );
  return [...byDeclaration.values()].map(same => explainDeclaration(report, same));
}

function explainDeclaration(report: Report, same: readonly ReportedExpectation[]): Finding {
  const [first] = same as readonly [ReportedExpectation];
  const places = [
    ...Map.groupBy(same, each => JSON.stringify([each.path, each.expected])).values(),
  ];
  if (first.undeclared && first.field === 'verdict') return explainUndeclared(report, same);
  const where = `${first.undeclared ? 'the step is' : 'declared'} at ${first.declaredAt}`;
  const [only] = places;
  if (places.length === 1 && only !== undefined) {
    const name = subjectName(report, first.fixture, first.subject);
    return { text: `${name}: ${explainPlace(report, only, true)}; ${where}`, details: [] };
  }
  const name = subjectName(report, first.fixture, rootOf(first));
  const targets = [...new Set(same.map(each => each.target))];
  return {
    text: `${name} is not as expected${onTargets(report, targets)}; ${where}`,
    details: places.map(place => {
      const isOnAll = place.length === targets.length;
      return `${place[0]?.path || 'all'}: ${explainPlace(report, place, !isOnAll)}`;
    }),
  };
}

/** `drain: rejected on 6.1 (unknown opcode e5), which nothing declares`. */
function explainUndeclared(report: Report, same: readonly ReportedExpectation[]): Finding {
  const [first] = same as readonly [ReportedExpectation];
  const name = subjectName(report, first.fixture, first.subject);
  const targets = same.map(each => each.target);
  const said = describeReasons(report, first, targets);
  const what = `${participle(first.actual)}${onTargets(report, targets)} (${said})`;
  return { text: `${name}: ${what}, which nothing declares`, details: [] };
}

/** `expected XDP_PASS, got XDP_DROP on 5.10–6.1`. */
function explainPlace(
  report: Report,
  same: readonly ReportedExpectation[],
  withTargets: boolean,
): string {
  const [first] = same as readonly [ReportedExpectation];
  const values = Object.fromEntries(same.map(({ target, actual }) => [target, actual]));
  const isOne = new Set(Object.values(values)).size === 1;
  const got = describeExplained(report, { subject: first, values }, (actual, said) =>
    explainActual({ ...first, actual }, said),
  );
  const where = withTargets && isOne ? onTargets(report, Object.keys(values)) : '';
  return `${explainExpected(first)} ${got}${where}`;
}

function explainExpected({ field, expected }: ReportedExpectation): string {
  if (field === 'verdict') return `expected ${participle(expected)}, got`;
  if (field === 'errno') {
    return expected === 'ok' ? 'it failed with' : `expected it to fail with ${expected}, got`;
  }
  const name = fieldName(field);
  const what = expected === 'absent' ? 'nothing' : expected;
  return `expected ${name === '' ? '' : `${name} `}${what}, got`;
}

function explainActual({ field, actual }: ReportedExpectation, said: string | null): string {
  if (actual === 'absent') return 'nothing';
  if (field === 'errno' && actual === 'ok') return 'no error';
  if (field !== 'verdict' && field !== 'errno') return actual;
  const word = field === 'verdict' ? participle(actual) : actual;
  return said === null || word.includes(said) ? word : `${word} (${said})`;
}

function onTargets(report: Report, targets: readonly string[]): string {
  const answered = report.targets.filter(({ error }) => error === undefined).map(({ id }) => id);
  const where = describeTargets(report, targets, answered);
  return where === 'everywhere' ? ' everywhere' : ` on ${where}`;
}
