import { type Fixture, formFor } from '../fixtures/fixture.ts';
import type { FixtureObservation } from '../run/observation.ts';
import type { ComparedTarget, ExpectedField } from './divergence.ts';
import { type Expectation, expectationsOf } from './expectations.ts';
import { type Fact, type Facts, factKey, factsOf } from './observed.ts';

/** All that targets said: by target, by fixture. */
export interface Answers {
  readonly targets: readonly ComparedTarget[];
  readonly fixtures: readonly Fixture[];
  observation(target: string, fixture: string): FixtureObservation | undefined;
}

/** What one target said of a fixture. */
export interface Answer {
  readonly target: ComparedTarget;
  readonly observation: FixtureObservation;
  readonly facts: Facts;
}

/** A fixture on its way through the comparison: what it declares, and what each target said of it. */
export interface Case {
  readonly fixture: Fixture;
  readonly declared: readonly Expectation[];
  readonly said: readonly Answer[];
}

/** What one target said of one thing. */
export interface Said {
  readonly target: ComparedTarget;
  readonly fact: Fact;
}

export function caseOf(answers: Answers, fixture: Fixture): Case {
  const said = answers.targets.flatMap(target => {
    const observation = answers.observation(target.id, fixture.id);
    if (observation === undefined) return [];
    const form = formFor(fixture, target.platform);
    const made = form.kind === 'made' ? form.fixture : fixture;
    return [{ target, observation, facts: factsOf(made, observation, target.platform) }];
  });
  return { fixture, declared: expectationsOf(fixture), said };
}

/** What targets said of one thing, in their order; one that said nothing is not there. */
export function saidOf({ said }: Case, subject: string, field: ExpectedField): Said[] {
  return said.flatMap(({ target, facts }) => {
    const fact = facts.get(factKey(subject, field));
    return fact === undefined ? [] : [{ target, fact }];
  });
}

/** Every subject that any target said something of, programs first. */
export function subjectsOf({ said }: Case): string[] {
  return [...new Set(said.flatMap(({ facts }) => [...facts.values()].map(fact => fact.subject)))];
}
