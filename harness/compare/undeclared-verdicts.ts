import { answersIn } from '../run/observation.ts';
import type { Case } from './answers.ts';
import type { Divergence, FailedExpectation } from './divergence.ts';
import { expectationsOn } from './expectations.ts';

/** What says that a program is not accepted. */
const REFUSALS: readonly string[] = ['verdict', 'reason', 'errno'];

/**
 * A program of which nothing is declared is expected to be accepted. Where it is not, that is told, unless it is told
 * already as a difference between targets.
 */
export function undeclaredVerdicts(
  { fixture, declared, said }: Case,
  divergences: readonly Divergence[],
): FailedExpectation[] {
  return said.flatMap(({ target, observation }) => {
    const isTold = (program: string) =>
      divergences.some(
        ({ subject, field, values }) =>
          subject === program && REFUSALS.includes(field) && target.id in values,
      );
    const isDeclared = (program: string) =>
      expectationsOn(
        declared.filter(({ subject }) => subject === program),
        target,
      ).some(({ field }) => REFUSALS.includes(field));
    return Object.entries(answersIn(observation))
      .filter(([program, { verdict }]) => verdict !== 'accept' && !isTold(program))
      .filter(([program]) => !isDeclared(program))
      .map(([subject, { verdict }]) => ({
        ...{ fixture: fixture.id, subject, path: '', field: 'verdict' as const, target: target.id },
        ...{
          expected: 'accept',
          actual: verdict,
          declaredAt: fixture.file,
          undeclared: true as const,
        },
      }));
  });
}
