import type { Fixture } from '../fixtures/fixture.ts';
import type { StepObservation } from '../run/observation.ts';
import type { Answer, Case } from './answers.ts';
import type { FailedExpectation } from './divergence.ts';
import { expectationsAbout } from './judge.ts';
import { describePlace, type Place } from './place.ts';
import { ruleFor } from './rules.ts';
import { toldOf } from './unsettled.ts';

/** The steps that failed although nothing declares that they may. Every step is expected to succeed. */
export function stepFailures(compared: Case): FailedExpectation[] {
  return compared.said.flatMap(answer => {
    const { observation } = answer;
    if (observation.status !== 'ran') return [];
    return toldOf(observation)
      .steps.filter(step => step.status === 'failed' && !isExpected(compared, answer, step))
      .map(step => failure(compared, answer, step));
  });
}

/** Whether the scenario says that a step may fail on a target, rightly or not. */
function isExpected(compared: Case, { target }: Answer, { name }: StepObservation): boolean {
  const subject = `step ${name}`;
  if (ruleFor(compared.fixture, { subject, field: 'errno' }) !== undefined) return true;
  return (['errno', 'message'] as const).some(
    field => expectationsAbout(compared, subject, { field, target }).length > 0,
  );
}

function failure(
  { fixture }: Case,
  { target }: Answer,
  { name, errno }: StepObservation,
): FailedExpectation {
  return {
    ...{ fixture: fixture.id, subject: `step ${name}`, path: '', field: 'errno' },
    ...{ target: target.id, expected: 'ok', actual: errno ?? 'failed', undeclared: true },
    declaredAt: describePlace(fixture, placeOf(fixture, name)),
  };
}

/** A step of the user, or a map that could not be filled before the first of them. */
function placeOf({ scenario }: Fixture, name: string): Place {
  const steps = scenario?.steps ?? [];
  const index = steps.filter(step => !step.isSeed).findIndex(step => step.name === name);
  const wire = steps.find(step => step.name === name)?.wire;
  const map = wire !== undefined && 'map' in wire ? wire.map : '';
  return { kind: 'scenario', path: index < 0 ? `maps.${map}` : `steps[${index}]` };
}
