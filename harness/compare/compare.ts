import { programNames } from '../fixtures/fixture.ts';
import { WHOLE_OBJECT } from '../run/observation.ts';
import { type Answers, type Case, caseOf, saidOf, subjectsOf } from './answers.ts';
import type { Divergence, DivergenceField, FailedExpectation } from './divergence.ts';
import { failedExpectations } from './failed-expectations.ts';
import { looseSubjects } from './loose.ts';
import { programDivergences } from './program-divergences.ts';
import { valueDivergences } from './value-divergences.ts';

export type { Answers } from './answers.ts';

export interface Comparison {
  readonly divergences: readonly Divergence[];
  readonly failedExpectations: readonly FailedExpectation[];
  /** By fixture: the steps, maps and variables that may be others in the next run, `map seen`. */
  readonly loose: ReadonlyMap<string, readonly string[]>;
}

/** Compares what every target said of every fixture, with each other and with what is declared. */
export function compareAnswers(answers: Answers): Comparison {
  const cases = answers.fixtures.map(fixture => caseOf(answers, fixture));
  const compared = cases.map(each => {
    const divergences = divergencesOf(each);
    return { divergences, failed: failedExpectations(each, divergences) };
  });
  return {
    divergences: compared.flatMap(each => each.divergences),
    failedExpectations: compared.flatMap(each => each.failed),
    loose: new Map(cases.map(({ fixture }) => [fixture.id, looseSubjects(fixture)])),
  };
}

/** What is compared of steps, maps and variables. */
const VALUE_FIELDS: readonly DivergenceField[] = ['errno', 'retval', 'dataOut', 'value'];

function divergencesOf(compared: Case): Divergence[] {
  const programs = [...programNames(compared.fixture), WHOLE_OBJECT];
  const others = subjectsOf(compared).filter(subject => !programs.includes(subject));
  return [
    ...programs.flatMap(name => programDivergences(compared, name)),
    ...others.flatMap(subject =>
      VALUE_FIELDS.flatMap(field =>
        valueDivergences({ compared, subject, field, said: saidOf(compared, subject, field) }),
      ),
    ),
    ...kernelTrouble(compared),
  ];
}

/** A kernel that complains is news, whatever programs and steps came to. */
function kernelTrouble({ fixture, said }: Case): Divergence[] {
  const values: Record<string, string> = {};
  for (const { target, observation } of said) {
    const lines = observation.status === 'ran' ? observation.kernelLog : [];
    const splat = lines.find(line =>
      /WARNING:|BUG:|Oops|KASAN|UBSAN|general protection|refcount_t/.test(line),
    );
    if (splat !== undefined) values[target.id] = splat;
  }
  if (Object.keys(values).length === 0) return [];
  const { id } = fixture;
  return [{ fixture: id, subject: id, path: '', field: 'kernelLog', values, expected: false }];
}
