import { ownProperty } from '../own-property.ts';
import type { Report, ReportedFixture, ReportedProgram } from '../report/report-schema.ts';
import { answersIn } from '../run/observation.ts';
import {
  BASELINE_SCHEMA,
  type Baseline,
  type BaselineAnswer,
  type BaselineFixture,
} from './baseline-schema.ts';
import { entryName } from './entry-name.ts';
import { scenarioTexts } from './scenario-texts.ts';

export interface TakeOptions {
  /** What was known before; of what this run did not ask it is kept. */
  readonly before: Baseline;
  /** Whether the run was of all fixtures that there are: what is of no fixture then goes. */
  readonly isWhole: boolean;
}

/** A baseline with all that a run said. A target that could not be had keeps what was known of it. */
export function takeBaseline(report: Report, { before, isWhole }: TakeOptions): Baseline {
  const known = isWhole ? {} : before.fixtures;
  const taken = report.fixtures.flatMap(fixture => {
    const name = entryName(fixture, before);
    const earlier = ownProperty(before.fixtures, name);
    // One that could not be run keeps its entry, and gets none.
    if (fixture.error !== undefined && earlier === undefined) return [];
    return [[isWhole ? fixture.id : name, takeFixture(fixture, earlier)] as const];
  });
  const fixtures = { ...known, ...Object.fromEntries(taken) };
  const used = new Set(Object.values(fixtures).flatMap(targetsOf));
  const ran = report.targets.flatMap(({ id, upstream }) =>
    upstream === null ? [] : [[id, upstream] as const],
  );
  const targets = Object.entries({ ...before.targets, ...Object.fromEntries(ran) });
  return {
    schema: BASELINE_SCHEMA,
    targets: Object.fromEntries(targets.filter(([id]) => used.has(id))),
    fixtures,
  };
}

function targetsOf({ programs, scenario }: BaselineFixture): string[] {
  return [
    ...Object.values(programs).flatMap(byTarget => Object.keys(byTarget)),
    ...Object.values(scenario).flatMap(byValue => Object.values(byValue).flat()),
  ];
}

/** What this run said, and of targets that it did not ask what was known before. */
function takeFixture(fixture: ReportedFixture, before?: BaselineFixture): BaselineFixture {
  const ran = Object.entries(fixture.results).filter(([, result]) => result.status === 'ran');
  const asked = new Set(ran.map(([target]) => target));
  const isKept = ({ target }: { target: string }) => !asked.has(target);
  const programs = [
    ...knownAnswers(before).filter(isKept),
    ...ran.flatMap(([target, result]) =>
      Object.entries(answersIn(result)).map(([name, program]) => {
        return { name, target, said: takeAnswer(program) };
      }),
    ),
  ];
  const values = [
    ...valuesIn(before).filter(isKept),
    ...ran.flatMap(([target, result]) =>
      [...scenarioTexts(fixture, result)].map(([name, said]) => ({ name, target, said })),
    ),
  ];
  return {
    programs: nest(programs, same =>
      Object.fromEntries(same.map(({ target, said }) => [target, said])),
    ),
    scenario: nest(values, same =>
      nest(
        same.map(each => ({ ...each, name: each.said })),
        agreeing => agreeing.map(({ target }) => target),
      ),
    ),
  };
}

/** What one target said of a program, step, map or variable. */
interface Said<T> {
  readonly name: string;
  readonly target: string;
  readonly said: T;
}

function knownAnswers(before: BaselineFixture | undefined): Said<BaselineAnswer>[] {
  return Object.entries(before?.programs ?? {}).flatMap(([name, byTarget]) =>
    Object.entries(byTarget).map(([target, said]) => ({ name, target, said })),
  );
}

function valuesIn(before: BaselineFixture | undefined): Said<string>[] {
  return Object.entries(before?.scenario ?? {}).flatMap(([name, byValue]) =>
    Object.entries(byValue).flatMap(([said, targets]) =>
      targets.map(target => ({ name, target, said })),
    ),
  );
}

/** Puts together what has one name. */
function nest<T extends { readonly name: string }, R>(
  list: readonly T[],
  together: (same: readonly T[]) => R,
): Record<string, R> {
  const byName = Map.groupBy(list, ({ name }) => name);
  return Object.fromEntries([...byName].map(([name, same]) => [name, together(same)]));
}

function takeAnswer({ verdict, reason, insns }: ReportedProgram): BaselineAnswer {
  if (verdict !== 'accept') return reason === null ? { verdict } : { verdict, reason };
  return insns === null ? { verdict } : { verdict, insns };
}
