import type { Report, ReportedFixture } from '../report-schema.ts';

/** A row of the matrix: one program, under its fixture's name where that has several. */
export type Row =
  | { readonly kind: 'heading'; readonly label: string }
  | {
      readonly kind: 'program';
      readonly label: string;
      readonly fixture: ReportedFixture;
      readonly program: string;
      /** Whether targets differ on it, and whether the fixture declares that. */
      readonly difference: 'none' | 'expected' | 'unexpected';
    };

export function rowsOf(report: Report): Row[] {
  return report.fixtures.flatMap(fixture => {
    const programs = programsOf(fixture);
    const [only] = programs;
    if (programs.length === 1 && only !== undefined) {
      return [programRow(report, { fixture, program: only, label: fixture.id })];
    }
    return [
      { kind: 'heading' as const, label: fixture.id },
      ...programs.map(program => programRow(report, { fixture, program, label: `  ${program}` })),
    ];
  });
}

/** The programs that any target answered, in the order of the object. */
export function programsOf(fixture: ReportedFixture): string[] {
  return [
    ...new Set(Object.values(fixture.results).flatMap(result => Object.keys(result.programs))),
  ];
}

function programRow(
  report: Report,
  row: { fixture: ReportedFixture; program: string; label: string },
): Row {
  const { fixture, program } = row;
  const differences = report.divergences.filter(
    each => each.fixture === fixture.id && each.subject === program,
  );
  const failed = report.failedExpectations.some(
    each => each.fixture === fixture.id && each.program === program,
  );
  const unexpected = failed || differences.some(each => !each.expected);
  const expected = differences.length > 0 ? 'expected' : 'none';
  return { kind: 'program', ...row, difference: unexpected ? 'unexpected' : expected };
}
