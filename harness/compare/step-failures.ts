import type { Fixture } from '../fixtures/fixture.ts';
import type { StepObservation } from '../run/observation.ts';
import type { Answer, Case } from './answers.ts';
import type { Divergence, FailedExpectation } from './divergence.ts';
import { expectationsAbout } from './judge.ts';
import { describePlace, type Place } from './place.ts';
import { ruleFor } from './rules.ts';
import { toldOf } from './unsettled.ts';

/** A step that fails, unless that is declared, or is told already as a difference between targets. */
export function stepFailures(
  compared: Case,
  divergences: readonly Divergence[],
): FailedExpectation[] {
  return compared.said.flatMap(answer => {
    const { observation, target } = answer;
    if (observation.status !== 'ran') return [];
    const isTold = (subject: string) =>
      divergences.some(
        each => each.subject === subject && each.field === 'errno' && target.id in each.values,
      );
    return toldOf(observation)
      .steps.filter(step => step.status === 'failed' && !isTold(`step ${step.name}`))
      .filter(step => !isExpected(compared, answer, step))
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
