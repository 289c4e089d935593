import type { InspectedObject, InspectedProgram } from '../agent/inspected-object.ts';
import type { Fixture } from '../fixtures/fixture.ts';
import type { FixtureObservation, StepObservation } from '../run/observation.ts';
import type { StepNeeds } from '../scenarios/bound-scenario.ts';

type Ran = FixtureObservation & { status: 'ran' };

/**
 * The maps and variables that a target cannot hold as others do, each with the program that it did not accept and
 * that would have written to them: what a skipped step would have done is not held against its target twice.
 * Maps have their names, variables `variable NAME`.
 */
export function unsettledPlaces(
  { scenario, inspected }: Fixture,
  observed: readonly StepObservation[],
): ReadonlyMap<string, string> {
  const skipped = new Set(
    observed.filter(step => step.status === 'skipped').map(step => step.name),
  );
  const steps = scenario?.steps.filter(({ name }) => skipped.has(name)) ?? [];
  const absent = steps.flatMap(({ needs }) => namedPrograms(needs));
  return new Map(
    inspected.programs
      .filter(({ name }) => absent.includes(name))
      .flatMap(program => [
        ...program.maps.map(map => [map, program.name] as const),
        ...variablesOf(program, inspected).map(name => [`variable ${name}`, program.name] as const),
      ]),
  );
}

/** The variables whose addresses a program takes. */
function variablesOf({ variables }: InspectedProgram, { sections }: InspectedObject): string[] {
  return variables.flatMap(place => {
    const section = sections.find(({ name }) => name === place.section);
    const at = section?.variables.find(
      ({ offset, size }) => offset <= place.offset && place.offset < offset + size,
    );
    return at === undefined ? [] : [at.name];
  });
}

function namedPrograms(needs: StepNeeds): readonly string[] {
  if (needs.kind === 'program') return [needs.program];
  return needs.kind === 'programs' ? needs.programs : [];
}

/** What a target did of a scenario: of one that it could not begin, only the first step, which says why. */
export function toldOf({ steps, maps }: Ran): Pick<Ran, 'steps' | 'maps'> {
  const [first, ...others] = steps.filter(step => step.status !== 'skipped');
  const isStopped = ({ status, errno, message }: StepObservation) =>
    status === 'failed' && (errno === null || message?.startsWith('not carried out: ') === true);
  const hasNotBegun =
    first !== undefined &&
    isStopped(first) &&
    others.every(step => isStopped(step) && step.message === first.message) &&
    Object.values(maps).every(map => map.kind === 'unreadable');
  if (!hasNotBegun) return { steps, maps };
  return { steps: [...steps.filter(step => step.status === 'skipped'), first], maps: {} };
}
