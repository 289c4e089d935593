import { describe, expect, test } from 'vitest';
import { explainDivergence } from '../../harness/report/matrix/explain.ts';
import { renderFindings } from '../../harness/report/matrix/findings.ts';
import { renderMatrix } from '../../harness/report/matrix/render.ts';
import { renderSummary } from '../../harness/report/matrix/summary.ts';
import { program, report } from '../support/report-builder.ts';

const TARGETS = { 'linux@5.10': '5.10.262', 'linux@6.1': '6.1.192', 'linux@6.12': '6.12.117' };
const rejected = program({ verdict: 'reject' });
const divergence = {
  ...{
    fixture: 'may-goto',
    subject: 'counted',
    path: '',
    field: 'verdict' as const,
    expected: false,
  },
  values: { 'linux@5.10': 'reject', 'linux@6.1': 'reject', 'linux@6.12': 'accept' },
};

const example = report({
  targets: TARGETS,
  fixtures: {
    'may-goto': {
      'linux@5.10': { counted: rejected },
      'linux@6.1': { counted: rejected },
      'linux@6.12': { counted: program({ insns: 1234 }) },
    },
    two: {
      'linux@5.10': { first: program(), second: program() },
      'linux@6.1': { first: program(), second: program({ verdict: 'unsupported' }) },
      'linux@6.12': { first: program() },
    },
  },
  divergences: [divergence],
});

const plain = (columns: number) => ({ columns, color: false, wrap: false });

describe('the matrix', () => {
  test('has a row for the object as a whole where a target refuses it', () => {
    const both = { first: program(), second: program() };
    const shown = (second: ReturnType<typeof program>) => {
      const made = report({
        targets: { 'linux@5.10': '5.10.262', 'linux@6.12': '6.12.117' },
        fixtures: { two: { 'linux@5.10': both, 'linux@6.12': both } },
      });
      const results = made.fixtures[0]?.results ?? {};
      for (const [id, object] of [
        ['linux@5.10', program()],
        ['linux@6.12', second],
      ] as const) {
        const result = results[id];
        if (result?.status === 'ran') result.object = { ...object, insns: null };
      }
      const lines = renderMatrix(made, plain(80)).trimEnd().split('\n').slice(1);
      return lines.map(line => line.trim().replace(/ +/g, ' '));
    };
    expect(shown(rejected)).toEqual(['two', 'first ✓ 12 ✓ 12', 'second ✓ 12 ✓ 12', 'object ✓ ✗']);
    expect(shown(program())).toHaveLength(3);
  });

  test('has a row a program and a column a target, and marks the rows that differ', () => {
    expect(renderMatrix(example, plain(80))).toBe(
      [
        '                      5.10.262  6.1.192   6.12.117',
        '≠ may-goto            ✗         ✗         ✓ 1234',
        '  two',
        '    first             ✓ 12      ✓ 12      ✓ 12',
        '    second            ✓ 12      –         !',
        '',
      ].join('\n'),
    );
  });

  test('leaves out the cost, then the stable release, where there is less room', () => {
    expect(renderMatrix(example, plain(49)).split('\n').slice(0, 2)).toEqual([
      expect.stringMatching(/^ +5\.10 +6\.1 +6\.12$/),
      expect.stringMatching(/^≠ may-goto +✗ +✗ +✓$/),
    ]);
  });

  test('goes on below where even that is too wide, and never exceeds the width', () => {
    for (const columns of [160, 80, 60, 40, 34]) {
      const lines = renderMatrix(example, plain(columns)).split('\n');
      expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(columns);
    }
    expect(renderMatrix(example, plain(34)).match(/may-goto/g)?.length).toBeGreaterThan(1);
  });

  test('an expected difference is marked as one', () => {
    const declared = { ...example, divergences: [{ ...divergence, expected: true }] };
    expect(renderMatrix(declared, plain(80))).toContain('~ may-goto');
  });
});

describe('below the matrix', () => {
  test('one line says why a row differs', () => {
    expect(explainDivergence(example, divergence)).toBe(
      'may-goto: 5.10–6.1: rejected (unknown opcode e5) · 6.12: accepted',
    );
  });

  test('what the fixture declares is said in its words', () => {
    const declared = { ...divergence, expected: true, reason: 'rejected before 6.9' };
    expect(explainDivergence(example, declared)).toBe(
      'may-goto: rejected before 6.9: unknown opcode e5',
    );
  });

  test('reasons are listed with the kernels that give them', () => {
    const reasons = {
      ...{ fixture: 'two', subject: 'first', path: '', field: 'reason' as const, expected: false },
      values: { 'linux@5.10': 'a', 'linux@6.1': 'b', 'linux@6.12': 'b' },
    };
    expect(explainDivergence(example, reasons)).toBe('two › first: 5.10: a · ≥6.1: b');
  });

  test('a failed expectation says what was expected, what came, and where that is declared', () => {
    const failed = report({
      targets: TARGETS,
      fixtures: { 'may-goto': { 'linux@5.10': { counted: rejected } } },
      failedExpectations: [
        {
          ...{
            fixture: 'may-goto',
            subject: 'counted',
            path: '',
            field: 'verdict',
            target: 'linux@5.10',
          },
          ...{ expected: 'accept', actual: 'reject', declaredAt: 'fixtures/may-goto.bpf.c:3' },
        },
      ],
    });
    expect(renderFindings(failed, plain(80))).toBe(
      '\n✗ may-goto: expected accepted, got rejected (unknown opcode e5) on 5.10; declared at fixtures/may-goto.bpf.c:3\n',
    );
  });

  test('a finding is broken between words on a terminal, and one line elsewhere', () => {
    const reason = `R1 ${'invalid '.repeat(20)}access`;
    const long = report({
      targets: TARGETS,
      fixtures: {
        'may-goto': {
          'linux@5.10': { counted: program({ verdict: 'reject', reason }) },
          'linux@6.1': { counted: program() },
        },
      },
      divergences: [{ ...divergence, values: { 'linux@5.10': 'reject', 'linux@6.1': 'accept' } }],
    });
    const findings = renderFindings(long, { ...plain(60), wrap: true })
      .trim()
      .split(/\n(?=\S)/);
    expect(findings.map(([sign]) => sign)).toEqual(['≠', '→']);
    const lines = (findings[0] ?? '').split('\n');
    expect(lines.length).toBeGreaterThan(2);
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(60);
    expect(lines.slice(1).every(line => /^ {4}\S/.test(line))).toBe(true);
    expect(lines.map(line => line.trim()).join(' ')).toContain(reason);
    expect(renderFindings(long, plain(60)).trim().split('\n')).toHaveLength(2);
  });

  test('the summary counts', () => {
    expect(renderSummary(example, plain(80))).toBe(
      '\n3 programs on 3 targets: 5 accepted, 2 rejected, 1 not supported · 1 unexpected · 1.2 s\n',
    );
  });
});
