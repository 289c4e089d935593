import { expect, test } from 'vitest';
import { annotationsOf, toCommand } from '../../../harness/report/github/annotations.ts';
import type { ReportedExpectation } from '../../../harness/report/report-schema.ts';
import { program, report } from '../../support/report-builder.ts';

const TARGETS = { 'linux@5.10': '5.10.262', 'linux@6.12': '6.12.117' };
const at = { file: 'bpf/a.bpf.c', line: 12, column: 3, text: 'x' };
const source = { insn: 1, function: 'run', at, steps: [], more: 0, stepsOmitted: 0 };

function failed(line: number): ReportedExpectation {
  return {
    ...{ fixture: 'a', subject: `step s${line}`, path: '', field: 'retval', target: 'linux@6.12' },
    ...{ expected: '1', actual: '2' },
    declaredAt: `bpf/a.scenario.ts:${line} (steps[${line}].expect.retval)`,
  };
}

const fixtures = {
  a: {
    'linux@5.10': { run: program({ verdict: 'reject', source: source as never }) },
    'linux@6.12': { run: program() },
  },
};

const divergence = {
  ...{ fixture: 'a', subject: 'run', path: '', field: 'verdict' as const, expected: false },
  values: { 'linux@5.10': 'reject', 'linux@6.12': 'accept' },
};

test('a rejection is shown where the verifier stopped, a failure where it is declared', () => {
  const document = report({
    ...{ targets: TARGETS, fixtures, divergences: [divergence] },
    failedExpectations: [failed(7)],
  });
  expect(annotationsOf(document)).toEqual([
    {
      ...{ kind: 'error', file: 'bpf/a.bpf.c', line: 12 },
      message: 'a: 5.10: rejected (unknown opcode e5) · 6.12: accepted',
    },
    {
      ...{ kind: 'error', file: 'bpf/a.scenario.ts', line: 7 },
      message:
        'a › step s7: expected return value 1, got 2 on 6.12; declared at bpf/a.scenario.ts:7 (steps[7].expect.retval)',
    },
  ]);
});

test('so is one of all targets, which nothing declares', () => {
  const undeclared = {
    ...failed(7),
    subject: 'run',
    field: 'verdict' as const,
    undeclared: true as const,
  };
  const refusal = {
    ...undeclared,
    ...{ expected: 'accept', actual: 'reject', declaredAt: 'bpf/a.bpf.c' },
  };
  const document = report({
    targets: TARGETS,
    fixtures,
    failedExpectations: [{ ...refusal, target: 'linux@5.10' }],
  });
  expect(annotationsOf(document)).toEqual([
    {
      ...{ kind: 'error', file: 'bpf/a.bpf.c', line: 12 },
      message: 'a: rejected on 5.10 (unknown opcode e5), which nothing declares',
    },
  ]);
});

test('what is declared is no annotation', () => {
  const divergences = [{ ...divergence, expected: true, reason: 'rejected before 6' }];
  expect(annotationsOf(report({ targets: TARGETS, fixtures, divergences }))).toEqual([]);
});

test('of more than ten the last says how many more there are; the differences come first', () => {
  const document = report({
    ...{ targets: TARGETS, fixtures, divergences: [divergence] },
    failedExpectations: Array.from({ length: 20 }, (_, line) => failed(line + 1)),
  });
  const all = annotationsOf(document);
  expect(all).toHaveLength(10);
  expect(all[0]?.file).toBe('bpf/a.bpf.c');
  expect(all.at(-1)).toEqual({ kind: 'error', message: "… and 12 more: see the step's summary" });
});

test('answers that could not be had are warnings', () => {
  const document = report({ targets: TARGETS, fixtures });
  const [first, ...others] = document.targets;
  if (first === undefined) throw new Error('no target');
  const error = { code: 'INFRA_SSH_LOST', message: 'linux@5.10: the connection was lost' };
  const lost = { ...document, targets: [{ ...first, error }, ...others] };
  expect(annotationsOf(lost)).toEqual([{ kind: 'warning', message: error.message }]);
});

test('characters that commands use themselves', () => {
  const command = toCommand({ kind: 'error', message: '50 %\nmore', file: 'C:\\a,b.c', line: 3 });
  expect(command).toBe('::error file=C%3A\\a%2Cb.c,line=3,title=crossbpf::50 %25\\x0amore');
});
