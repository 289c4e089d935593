import type { Fixture } from '../fixtures/fixture.ts';
import type { FixtureObservation, ProgramObservation } from '../run/observation.ts';
import { normalizeReason } from '../verifier-log/normalize.ts';
import { declaredAt, declaredVerdict, describeDeclared } from './declared.ts';
import type { ComparedTarget, Divergence, FailedExpectation } from './divergence.ts';

/** All that targets said: by target, by fixture. */
export interface Answers {
  readonly targets: readonly ComparedTarget[];
  readonly fixtures: readonly Fixture[];
  observation(target: string, fixture: string): FixtureObservation | undefined;
}

export interface Comparison {
  readonly divergences: readonly Divergence[];
  readonly failedExpectations: readonly FailedExpectation[];
}

/** What one target said of the program that is being compared. */
interface Answer {
  readonly target: ComparedTarget;
  readonly program: ProgramObservation;
}

/** Compares what every target said of every program, with each other and with what is declared. */
export function compareAnswers(answers: Answers): Comparison {
  const divergences: Divergence[] = [];
  const failedExpectations: FailedExpectation[] = [];
  for (const fixture of answers.fixtures) {
    for (const { name } of fixture.inspected.programs) {
      const said = answersFor(answers, fixture.id, name);
      divergences.push(...verdictDivergence(fixture, name, said));
      divergences.push(...reasonDivergence(fixture, name, said));
      failedExpectations.push(...failures(fixture, name, said));
    }
    divergences.push(...kernelTrouble(answers, fixture));
  }
  return { divergences, failedExpectations };
}

function answersFor(answers: Answers, fixture: string, name: string): Answer[] {
  return answers.targets.flatMap(target => {
    const program = answers.observation(target.id, fixture)?.programs[name];
    return program === undefined ? [] : [{ target, program }];
  });
}

function verdictDivergence(fixture: Fixture, subject: string, said: readonly Answer[]) {
  if (new Set(said.map(({ program }) => program.verdict)).size < 2) return [];
  const values = valuesBy(said, ({ program }) => program.verdict);
  return [
    {
      ...{ fixture: fixture.id, subject, field: 'verdict' as const, values },
      ...expectation(fixture, subject, said),
    },
  ];
}

/** Compares the reasons of the targets that give the same verdict; other verdicts differ anyway. */
function reasonDivergence(fixture: Fixture, subject: string, said: readonly Answer[]) {
  const byVerdict = Map.groupBy(said, ({ program }) => program.verdict);
  return [...byVerdict.values()].flatMap(same => {
    const meanings = new Set(same.map(({ program }) => normalizeReason(program.reason ?? '')));
    if (meanings.size < 2) return [];
    const values = valuesBy(same, ({ program }) => program.reason ?? '');
    return [
      {
        ...{ fixture: fixture.id, subject, field: 'reason' as const, values },
        ...expectation(fixture, subject, same),
      },
    ];
  });
}

/** A difference is expected when the fixture declares, rightly, the verdict of every target in it. */
function expectation(fixture: Fixture, subject: string, said: readonly Answer[]) {
  const declared = said.map(({ target, program }) => {
    const found = declaredVerdict(fixture, subject, target);
    return found?.verdict === program.verdict ? found : undefined;
  });
  const found = declared.filter(each => each !== undefined);
  if (found.length < said.length) return { expected: false };
  const against = [...new Set(found.filter(each => each.verdict !== 'accept'))];
  const [first] = against;
  if (first === undefined) return { expected: true };
  return {
    ...{ expected: true, reason: describeDeclared(first.verdict, against) },
    declaredAt: declaredAt(fixture, first),
  };
}

function failures(fixture: Fixture, name: string, said: readonly Answer[]): FailedExpectation[] {
  return said.flatMap(({ target, program }) => {
    const declared = declaredVerdict(fixture, name, target);
    if (declared === undefined || declared.verdict === program.verdict) return [];
    const { verdict: expected } = declared;
    return [
      {
        ...{ fixture: fixture.id, program: name, target: target.id },
        ...{ expected, actual: program.verdict, declaredAt: declaredAt(fixture, declared) },
      },
    ];
  });
}

/** A kernel that complains while a program is loaded is news, whichever verdict it gave. */
function kernelTrouble(answers: Answers, fixture: Fixture): Divergence[] {
  const values: Record<string, string> = {};
  for (const { id } of answers.targets) {
    const observation = answers.observation(id, fixture.id);
    const lines = observation?.status === 'ran' ? observation.kernelLog : [];
    const splat = lines.find(line =>
      /WARNING:|BUG:|Oops|KASAN|UBSAN|general protection|refcount_t/.test(line),
    );
    if (splat !== undefined) values[id] = splat;
  }
  if (Object.keys(values).length === 0) return [];
  return [
    { fixture: fixture.id, subject: fixture.id, field: 'kernelLog', values, expected: false },
  ];
}

function valuesBy(said: readonly Answer[], value: (answer: Answer) => string) {
  return Object.fromEntries(said.map(answer => [answer.target.id, value(answer)]));
}
