import { WHOLE_OBJECT } from '../../run/observation.ts';
import type { Report, ReportedFixture } from '../report-schema.ts';
import { isOfScenario, programsOf } from './subjects.ts';

/** A row of the matrix: one program, under its fixture's name where that has several. */
export type Row =
  | { readonly kind: 'heading'; readonly label: string }
  | {
      readonly kind: 'program';
      readonly label: string;
      readonly fixture: ReportedFixture;
      readonly program: string;
      readonly difference: Difference;
    }
  /** A fixture that could not be run. */
  | { readonly kind: 'broken'; readonly label: string; readonly message: string }
  /** What came of a scenario, where targets differ on it or something is not as expected. */
  | {
      readonly kind: 'scenario';
      readonly label: string;
      readonly fixture: ReportedFixture;
      readonly difference: Difference;
    };

/** Whether targets differ on a row, and whether the fixture declares that. */
export type Difference = 'none' | 'expected' | 'unexpected';

export function rowsOf(report: Report): Row[] {
  return report.fixtures.flatMap(fixture => {
    const programs = programsOf(fixture);
    const { id: label, error } = fixture;
    if (error !== undefined) return [{ kind: 'broken' as const, label, message: error.message }];
    const [only] = programs;
    const scenario = scenarioRow(report, fixture);
    if (programs.length === 1 && only !== undefined) {
      return [programRow(report, { fixture, program: only, label: fixture.id }), ...scenario];
    }
    return [
      { kind: 'heading' as const, label: fixture.id },
      ...programs.map(program =>
        programRow(report, { fixture, program, label: `  ${labelOf(program)}` }),
      ),
      ...scenario,
    ];
  });
}

function labelOf(program: string): string {
  return program === WHOLE_OBJECT ? 'object' : program;
}

function programRow(
  report: Report,
  row: { fixture: ReportedFixture; program: string; label: string },
): Row {
  const isOfRow = (subject: string) => subject === row.program;
  return { kind: 'program', ...row, difference: differenceOf(report, row.fixture, isOfRow) };
}

function scenarioRow(report: Report, fixture: ReportedFixture): Row[] {
  const difference = differenceOf(report, fixture, isOfScenario);
  return difference === 'none'
    ? []
    : [{ kind: 'scenario', label: '  scenario', fixture, difference }];
}

function differenceOf(
  report: Report,
  { id }: ReportedFixture,
  isOfRow: (subject: string) => boolean,
): Difference {
  const isHere = (each: { fixture: string; subject: string }) =>
    each.fixture === id && isOfRow(each.subject);
  const differences = report.divergences.filter(isHere);
  const regressions = report.baseline?.changes.filter(each => each.effect === 'regression') ?? [];
  const failed = report.failedExpectations.some(isHere) || regressions.some(isHere);
  if (failed || differences.some(each => !each.expected)) return 'unexpected';
  return differences.length > 0 ? 'expected' : 'none';
}
