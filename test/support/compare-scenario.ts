import { compareAnswers } from '../../harness/compare/compare.ts';
import type { Divergence, FailedExpectation } from '../../harness/compare/divergence.ts';
import type { DeclaredVerdict } from '../../harness/fixtures/directives.ts';
import { buildReport } from '../../harness/report/build-report.ts';
import type { Report } from '../../harness/report/report-schema.ts';
import type { FixtureObservation } from '../../harness/run/observation.ts';
import type { UserScenario } from '../../harness/scenarios/scenario-schema.ts';
import { scenarioFixture, step } from './scenario-fixture.ts';

const TARGETS = [
  { id: 'linux@5.10', platform: 'linux', upstream: '5.10.262' },
  { id: 'linux@6.1', platform: 'linux', upstream: '6.1.192' },
  { id: 'linux@6.12', platform: 'linux', upstream: '6.12.117' },
] as const;

/** Compares what three targets said; a shorter list leaves out the last ones. */
export function compareScenario(
  scenario: UserScenario,
  said: readonly FixtureObservation[],
  declared: readonly DeclaredVerdict[] = [],
) {
  const fixture = scenarioFixture(scenario, declared);
  const byTarget = new Map(TARGETS.map(({ id }, index) => [id as string, said[index]]));
  return compareAnswers({
    targets: TARGETS.slice(0, said.length),
    fixtures: [fixture],
    observation: target => byTarget.get(target),
  });
}

/** The same as a report. */
export function reportScenario(
  scenario: UserScenario,
  said: readonly FixtureObservation[],
  declared: readonly DeclaredVerdict[] = [],
): Report {
  const fixture = scenarioFixture(scenario, declared);
  const targets = TARGETS.slice(0, said.length).map((target, index) => {
    const observation = said[index];
    const observations = new Map(observation === undefined ? [] : [[fixture.id, observation]]);
    return { ...target, observations };
  });
  return buildReport({
    ...{ toolVersion: '0.0.0', startedAt: new Date(0), durationMs: 1234 },
    ...{ targets, fixtures: [fixture], comparison: compareScenario(scenario, said, declared) },
  });
}

/** A divergence in one line: `~ map counts[53]: 7 | 9 | 9 (because)`. */
export function differenceLines(divergences: readonly Divergence[]): string[] {
  return divergences.map(({ expected, subject, field, values, reason, declaredAt, more }) => {
    const what = field === 'value' ? subject : `${subject} ${field}`;
    const why = reason === undefined ? '' : ` (${reason})`;
    const at = declaredAt === undefined ? '' : ` at ${declaredAt.replace(/^.* \(/, '(')}`;
    const rest = more === undefined ? '' : ` and ${more} more`;
    return `${expected ? '~' : '≠'} ${what}: ${Object.values(values).join(' | ')}${rest}${why}${at}`;
  });
}

export function failureLines(failed: readonly FailedExpectation[]): string[] {
  return failed.map(({ subject, field, target, expected, actual, declaredAt }) => {
    const what = field === 'value' ? subject : `${subject} ${field}`;
    return `${target}: ${what}: ${expected} <> ${actual} at ${declaredAt.replace(/^.*\.scenario\.ts/, '')}`;
  });
}

/** The step `run count`, and what may come of it. */
export const RUN = { run: 'count' };
export const pass = step('run count', { retval: 2, retvalName: 'XDP_PASS' });
export const drop = step('run count', { retval: 1, retvalName: 'XDP_DROP' });
/** A step that failed. */
export const fail = (name: string, errno: string) =>
  step(name, { status: 'failed', errno, message: `${name} did not work` });
