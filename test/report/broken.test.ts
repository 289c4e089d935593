import { expect, test } from 'vitest';
import { EMPTY_BASELINE } from '../../harness/baseline/baseline-schema.ts';
import { takeBaseline } from '../../harness/baseline/take-baseline.ts';
import { annotationsOf } from '../../harness/report/github/annotations.ts';
import { renderStepSummary } from '../../harness/report/github/step-summary.ts';
import { renderJUnit } from '../../harness/report/junit.ts';
import { explainBroken } from '../../harness/report/matrix/broken.ts';
import { renderMatrix } from '../../harness/report/matrix/render.ts';
import type { Report } from '../../harness/report/report-schema.ts';
import { program, report } from '../support/report-builder.ts';

const TARGET = 'linux@6.1';
const OUTPUT = "fixtures/bad.bpf.c:3:14: error: expected ';'\n    3 | int x\n1 error generated.\n";

const base = report({
  targets: { [TARGET]: '6.1.192', 'linux@6.12': '6.12.1' },
  fixtures: { good: { [TARGET]: { pass: program() }, 'linux@6.12': { pass: program() } }, bad: {} },
});

/** A run of two fixtures on two targets, of which one fixture does not compile. */
const broken: Report = {
  ...base,
  fixtures: base.fixtures.map(fixture =>
    fixture.id === 'good'
      ? fixture
      : {
          ...fixture,
          sha256: null,
          digest: null,
          error: {
            ...{ code: 'USAGE_COMPILE', message: 'it does not compile' },
            ...{ hint: null, output: OUTPUT },
          },
        },
  ),
};

test('the matrix has a row that says so, and below it stands the first error', () => {
  const matrix = renderMatrix(broken, { columns: 100, color: false });
  expect(matrix).toMatch(/^! bad +it does not compile$/m);
  expect(explainBroken(broken).map(({ text }) => text)).toEqual([
    "bad: it does not compile: fixtures/bad.bpf.c:3: expected ';'",
  ]);
});

test('GitHub shows it at the line of the first error', () => {
  expect(annotationsOf(broken)).toEqual([
    {
      ...{ kind: 'error', message: "bad: it does not compile: expected ';'" },
      ...{ file: 'fixtures/bad.bpf.c', line: 3 },
    },
  ]);
  expect(renderStepSummary(broken)).toContain('| **! bad** | it does not compile |  |');
});

test('JUnit has it once, not once for each target', () => {
  const xml = renderJUnit(broken);
  expect(xml.match(/<error /g)).toHaveLength(1);
  expect(xml).toContain(
    `<error message="it does not compile">it does not compile\n${OUTPUT.trim()}`,
  );
  expect(xml.match(/<testcase classname="bad"/g)).toHaveLength(1);
});

test('a baseline keeps what it had of it, and gets nothing new', () => {
  const options = { before: EMPTY_BASELINE, isWhole: true };
  expect(Object.keys(takeBaseline(broken, options).fixtures)).toEqual(['good']);
  const bad = { programs: { pass: { [TARGET]: { verdict: 'accept' as const } } }, scenario: {} };
  const before = { ...EMPTY_BASELINE, fixtures: { bad } };
  expect(takeBaseline(broken, { before, isWhole: true }).fixtures['bad']).toEqual(bad);
});
