import type { Fixture } from '../fixtures/fixture.ts';
import type { StepObservation } from '../run/observation.ts';
import type { Answer, Case } from './answers.ts';
import type { Divergence, FailedExpectation } from './divergence.ts';
import { expectationsAbout } from './judge.ts';
import { describePlace, type Place } from './place.ts';
import { ruleFor } from './rules.ts';
import { programsNeeded, toldOf } from './unsettled.ts';

/**
 * A step that fails, or that is skipped for a program that is not accepted, fails the run unless that is
 * declared, or is told already as a difference between targets.
 */
export function stepFailures(
  compared: Case,
  divergences: readonly Divergence[],
): FailedExpectation[] {
  const isTold = (target: string, subject: string, field: string) =>
    divergences.some(
      each => each.subject === subject && each.field === field && target in each.values,
    );
  return compared.said.flatMap(answer => {
    const { observation, target } = answer;
    if (observation.status !== 'ran') return [];
    const { steps } = toldOf(observation);
    const failed = steps.filter(
      step =>
        step.status === 'failed' &&
        !isTold(target.id, `step ${step.name}`, 'errno') &&
        !isExpected(compared, answer, step),
    );
    const skipped = steps.filter(step => step.status === 'skipped');
    const unannounced = skipped.find(({ name }) => {
      const needed = programsNeeded(compared.fixture, name);
      return needed.length > 0 && needed.every(program => isUnannounced(program));
    });
    return [
      ...failed.map(step => failure(compared, answer, { step, field: 'errno' })),
      ...(unannounced === undefined
        ? []
        : [failure(compared, answer, { step: unannounced, field: 'status' })]),
    ];

    function isUnannounced(program: string): boolean {
      // What was accepted was not loaded, or the step is nothing there: that is no fault of the program's.
      if (observation.programs[program]?.verdict === 'accept') return false;
      const about = expectationsAbout(compared, program, { field: 'verdict', target });
      return about.length === 0 && !isTold(target.id, program, 'verdict');
    }
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

interface Failure {
  readonly step: StepObservation;
  readonly field: 'errno' | 'status';
}

function failure({ fixture }: Case, { target }: Answer, { step, field }: Failure) {
  const { name, errno, message } = step;
  return {
    ...{ fixture: fixture.id, subject: `step ${name}`, path: '', field, target: target.id },
    expected: field === 'errno' ? 'ok' : 'carried out',
    actual: field === 'errno' ? (errno ?? 'failed') : message,
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
