import type { Fixture } from '../fixtures/fixture.ts';
import { ownProperty } from '../own-property.ts';
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
import { toldOf } from './unsettled.ts';

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
  return [...failed, ...undeclaredVerdicts(compared, divergences), ...stepFailures(compared)];
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
  const { subject } = expectation;
  const { facts, observation } = answer;
  const verdict = facts.get(factKey(subject, 'verdict'))?.node;
  if (verdict !== undefined) {
    if (isOfWrongVerdict(compared, expectation, answer)) return undefined;
    return verdict === 'accept' ? 'it is accepted' : 'it is not accepted';
  }
  if (observation.status !== 'ran') return undefined;
  const isOutright = expectation.on.length > 0;
  return subject.startsWith('step ')
    ? whyNoAnswer(observation, expectation)
    : whyNoValue(compared, { subject, isOutright }, observation);
}

type Ran = Answer['observation'] & { status: 'ran' };

/** Of a step that failed, its failure is told; one that was skipped is awaited only where that is said outright. */
function whyNoAnswer({ steps }: Ran, expectation: Expectation): string | undefined {
  const { subject, field, on, isImplied } = expectation;
  const step = steps.find(({ name }) => `step ${name}` === subject);
  if (step?.status === 'ok') return `no ${field}`;
  return step?.status === 'skipped' && on.length > 0 && !isImplied
    ? `skipped: ${step.message}`
    : undefined;
}

interface Awaited {
  readonly subject: string;
  /** Whether it is expected on this very target, and not on all of them. */
  readonly isOutright: boolean;
}

/** Why a map or a variable has no value. */
function whyNoValue({ fixture }: Case, awaited: Awaited, observation: Ran): string | undefined {
  const { subject, isOutright } = awaited;
  const name = mapOf(fixture, subject);
  const map = ownProperty(observation.maps, name);
  // What keeps a scenario from its first step is told of that step.
  const isTold =
    observation.steps.some(step => step.status !== 'skipped') &&
    toldOf(observation).maps !== observation.maps;
  if (isTold && !isOutright) return undefined;
  if (map?.kind === 'unreadable') return `it could not be read: ${map.message}`;
  if (map !== undefined) return 'absent';
  const users = fixture.inspected.programs.filter(({ maps }) => maps.includes(name));
  const isRefused = users.every(
    ({ name: program }) => ownProperty(observation.programs, program)?.verdict !== 'accept',
  );
  if (!isRefused || users.length === 0) return 'absent';
  return isOutright ? `no program that uses ${name} was accepted` : undefined;
}

/** The map of a subject; of a variable, its section. */
function mapOf({ inspected }: Fixture, subject: string): string {
  const [, kind, name = ''] = /^(map|variable) (.*)$/s.exec(subject) ?? [];
  if (kind !== 'variable') return name;
  const section = inspected.sections.find(({ variables }) =>
    variables.some(variable => variable.name === name),
  );
  return section?.name ?? name;
}
