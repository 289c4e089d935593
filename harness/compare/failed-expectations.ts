import type { Answer, Case } from './answers.ts';
import type { Divergence, FailedExpectation } from './divergence.ts';
import { type Expectation, expectationsOn } from './expectations.ts';
import { failuresOf } from './judge.ts';
import { describeMatcher } from './matcher.ts';
import type { Path } from './node.ts';
import { factKey } from './observed.ts';
import { describePlace } from './place.ts';
import { stepFailures } from './step-failures.ts';
import { undeclaredVerdicts } from './undeclared-verdicts.ts';

/**
 * All that is not as declared, on each target, every step that failed or was skipped unannounced, and every program
 * that is not accepted though nothing says so.
 */
export function failedExpectations(
  compared: Case,
  divergences: readonly Divergence[],
): FailedExpectation[] {
  const failed = compared.said.flatMap(answer => {
    const about = expectationsOn(compared.declared, answer.target);
    return about.flatMap(expectation => check(compared, expectation, answer));
  });
  return [
    ...failed,
    ...undeclaredVerdicts(compared, divergences),
    ...stepFailures(compared, divergences),
  ];
}

function check(compared: Case, expectation: Expectation, answer: Answer): FailedExpectation[] {
  const { subject, field, matcher } = expectation;
  const fact = answer.facts.get(factKey(subject, field));
  const fail = (expected: string, actual: string, path: Path = []): FailedExpectation => ({
    ...{ fixture: compared.fixture.id, subject: `${subject}${path.join('')}`, path: path.join('') },
    ...{ field, target: answer.target.id, expected, actual },
    declaredAt: describePlace(compared.fixture, expectation.place),
  });
  if (fact === undefined) {
    const instead = whyAbsent(compared, expectation, answer);
    return instead === undefined ? [] : [fail(describeMatcher(matcher), instead)];
  }
  // What a program that is not accepted would have written is awaited only where that is said outright.
  if (fact.unsettledBy !== undefined && expectation.on.length === 0) return [];
  if (isOfWrongVerdict(compared, expectation, answer)) return [];
  return failuresOf(expectation, fact).map(({ path, expected, actual }) =>
    fail(expected, actual, path),
  );
}

/** A reason for another verdict than the expected one says nothing more. */
function isOfWrongVerdict({ declared }: Case, { subject, field }: Expectation, answer: Answer) {
  if (field !== 'reason' && field !== 'errno') return false;
  const { facts, target } = answer;
  const verdict = facts.get(factKey(subject, 'verdict'))?.node;
  const ofSubject = declared.filter(each => each.subject === subject);
  const about = expectationsOn(ofSubject, target);
  return about.some(each => each.field === 'verdict' && each.matcher !== verdict);
}

/** What there is instead of something that was expected; undefined where it could not be observed. */
function whyAbsent(compared: Case, expectation: Expectation, answer: Answer): string | undefined {
  const { subject, field } = expectation;
  const { facts, observation } = answer;
  const verdict = facts.get(factKey(subject, 'verdict'))?.node;
  if (verdict !== undefined) {
    if (isOfWrongVerdict(compared, expectation, answer)) return undefined;
    return verdict === 'accept' ? 'it is accepted' : 'it is not accepted';
  }
  if (observation.status !== 'ran') return undefined;
  if (subject.startsWith('step ')) {
    const outcome = facts.get(factKey(subject, 'errno'))?.node;
    return outcome === 'ok' ? `no ${field}` : undefined;
  }
  const statuses = new Set(observation.steps.map(step => step.status));
  return statuses.has('ok') && !statuses.has('skipped') ? 'absent' : undefined;
}
