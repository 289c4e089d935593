import { describe, expect, test } from 'vitest';
import { renderFindings } from '../../harness/report/matrix/findings.ts';
import { program, report } from '../support/report-builder.ts';

/** The first finding, as a pipe gets it. */
function firstLine(of: ReturnType<typeof report>): string | undefined {
  const text = renderFindings(of, { columns: 80, color: false, wrap: false });
  return text.split('\n').find(line => line !== '');
}

describe('each kernel has its own reason', () => {
  const answers = (reasons: readonly (string | null)[]) =>
    Object.fromEntries(
      reasons.map((reason, index) => [
        ['linux@5.10', 'linux@6.1', 'linux@6.12'][index] ?? '',
        { first: program(reason === null ? {} : { verdict: 'reject', reason }) },
      ]),
    );
  const targets = { 'linux@5.10': '5.10.262', 'linux@6.1': '6.1.192', 'linux@6.12': '6.12.117' };
  const shown = (reasons: readonly (string | null)[], expected: boolean) =>
    firstLine(
      report({
        targets,
        fixtures: { a: answers(reasons) },
        divergences: [
          {
            ...{ fixture: 'a', subject: 'first', path: '', field: 'verdict', expected },
            ...(expected ? { reason: 'rejected before 6.12' } : {}),
            values: Object.fromEntries(
              Object.keys(targets).map((id, index) => [
                id,
                reasons[index] === null ? 'accept' : 'reject',
              ]),
            ),
          },
        ],
      }),
    );

  test('where they differ', () => {
    const reasons = ["func 'f' doesn't have 6-th argument", 'unknown func g', null];
    expect(shown(reasons, false)).toBe(
      "≠ a: 5.10: rejected (func 'f' doesn't have 6-th argument) · 6.1: rejected (unknown func g) · 6.12: accepted",
    );
    expect(shown(reasons, true)).toBe(
      "~ a: rejected before 6.12: 5.10: func 'f' doesn't have 6-th argument · 6.1: unknown func g",
    );
  });

  test('and one where they differ in registers alone', () => {
    expect(
      shown(["R1 invalid mem access 'inv'", "R2 invalid mem access 'scalar'", null], true),
    ).toBe("~ a: rejected before 6.12: R2 invalid mem access 'scalar'");
  });
});
