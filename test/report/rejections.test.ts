import { describe, expect, test } from 'vitest';
import { renderRejections } from '../../harness/report/matrix/rejections.ts';
import type { ReportedProgram, ReportedSource } from '../../harness/report/report-schema.ts';
import { program, report } from '../support/report-builder.ts';

const TARGETS = { 'linux@5.10': '5.10.262', 'linux@6.1': '6.1.192', 'linux@6.12': '6.12.117' };
const PLAIN = { columns: 80, color: false, wrap: false };

const SOURCE: ReportedSource = {
  ...{ insn: 25, function: 'look_up' },
  at: { file: 'fixtures/a.bpf.c', line: 36, column: 9, text: '\treturn *v;\t// no check' },
  steps: [
    { insn: 8, text: 'r6 = r0', state: { R6: 'map_value_or_null(id=1,ks=4,vs=8)' } },
    { insn: 24, text: 'call bpf_map_delete_elem#3', state: {} },
    { insn: 25, text: 'r0 = *(u64 *)(r6 +0)', state: {} },
  ],
};

function rejected(
  source: ReportedSource | null,
  reason = 'R6 invalid mem access',
): ReportedProgram {
  return program({ verdict: 'reject', reason, source });
}

/** One program with its answers, of which the expectation of those in `failing` fails. */
function reportOf(
  answers: Readonly<Record<keyof typeof TARGETS, ReportedProgram>>,
  failing: readonly string[],
) {
  return report({
    targets: TARGETS,
    fixtures: {
      a: Object.fromEntries(Object.entries(answers).map(([id, said]) => [id, { first: said }])),
    },
    failedExpectations: failing.map(target => ({
      ...{ fixture: 'a', subject: 'first', path: '', field: 'verdict', target },
      ...{ expected: 'accept', actual: 'reject', declaredAt: 'fixtures/a.bpf.c:1' },
    })),
  });
}

function everywhere(source: ReportedSource | null) {
  const answer = rejected(source);
  return { 'linux@5.10': answer, 'linux@6.1': answer, 'linux@6.12': answer };
}

describe('an unexpected rejection', () => {
  test('is shown with its line, the column, and the last steps', () => {
    const shown = renderRejections(reportOf(everywhere(SOURCE), ['linux@6.12']), PLAIN);
    expect(shown.split('\n')).toEqual([
      '',
      '✗ a, rejected everywhere: R6 invalid mem access',
      '    fixtures/a.bpf.c:36:9  in function look_up',
      '    36 | return *v; // no check',
      '       |        ^',
      "    the verifier's last steps on 6.12:",
      '     8  r6 = r0                     R6=map_value_or_null(id=1,ks=4,vs=8)',
      '    24  call bpf_map_delete_elem#3',
      '  > 25  r0 = *(u64 *)(r6 +0)',
      '',
    ]);
  });

  test('is shown once for the targets that agree on the place, each with its own words', () => {
    const answers = {
      ...everywhere(SOURCE),
      'linux@5.10': rejected({ ...SOURCE, insn: 24 }, 'R6 invalid mem access in old words'),
      'linux@6.12': rejected({ ...SOURCE, at: { ...location(), line: 40 } }),
    };
    const shown = renderRejections(reportOf(answers, ['linux@5.10', 'linux@6.12']), PLAIN);
    expect(shown.match(/^✗.*/gm)).toEqual([
      '✗ a, rejected on 5.10–6.1: 5.10: R6 invalid mem access in old words · 6.1: R6 invalid mem access',
      '✗ a, rejected on 6.12: R6 invalid mem access',
    ]);
    expect(shown.match(/fixtures\/a\.bpf\.c:\d+/g)).toEqual([
      'fixtures/a.bpf.c:36',
      'fixtures/a.bpf.c:40',
    ]);
  });

  test('has no source where the verifier said none, or the object has none', () => {
    expect(renderRejections(reportOf(everywhere(null), ['linux@6.12']), PLAIN)).toBe('');
    const shown = renderRejections(
      reportOf(everywhere({ ...SOURCE, at: null, steps: [] }), ['linux@6.12']),
      PLAIN,
    );
    expect(shown).toBe(
      '\n✗ a, rejected everywhere: R6 invalid mem access\n    instruction 25  in function look_up\n',
    );
  });

  test('marks no column that is not in the line', () => {
    for (const at of [
      { ...location(), column: 0 },
      { ...location(), column: 900 },
      { ...location(), column: 1 },
    ]) {
      const shown = renderRejections(
        reportOf(everywhere({ ...SOURCE, at }), ['linux@6.12']),
        PLAIN,
      );
      expect(shown, String(at.column)).not.toContain('^');
      expect(shown).toContain('36 | return *v;');
    }
  });

  test('marks a column that the compiler counted in bytes', () => {
    const text = '\tx = "é"; return *v;';
    const column = Buffer.from(text).indexOf('*') + 1;
    const at = { ...location(), text, column };
    const lines = renderRejections(
      reportOf(everywhere({ ...SOURCE, at }), ['linux@6.12']),
      PLAIN,
    ).split('\n');
    const mark = lines.findIndex(line => line.trimEnd().endsWith('^'));
    expect(lines[mark - 1]?.[lines[mark]?.indexOf('^') ?? 0]).toBe('*');
  });

  test('fits a terminal', () => {
    const long = { R1: `scalar(${'x'.repeat(200)})` };
    const steps = [{ insn: 1, text: 'r1 = 1', state: long }];
    const wide = renderRejections(
      reportOf(everywhere({ ...SOURCE, at: null, steps }), ['linux@6.12']),
      { columns: 60, color: false, wrap: true },
    );
    expect(Math.max(...wide.split('\n').map(line => line.length))).toBe(60);
    expect(wide).toContain('…');
  });
});

test('what is expected is not shown', () => {
  expect(renderRejections(reportOf(everywhere(SOURCE), []), PLAIN)).toBe('');
  const declared = report({
    targets: TARGETS,
    fixtures: {
      a: { 'linux@5.10': { first: rejected(SOURCE) }, 'linux@6.1': { first: program() } },
    },
    divergences: [
      {
        ...{ fixture: 'a', subject: 'first', path: '', field: 'verdict', expected: true },
        values: { 'linux@5.10': 'reject', 'linux@6.1': 'accept' },
      },
    ],
  });
  expect(renderRejections(declared, PLAIN)).toBe('');
  const undeclared = declared.divergences.map(each => ({ ...each, expected: false }));
  expect(renderRejections({ ...declared, divergences: undeclared }, PLAIN)).toContain(
    '✗ a, rejected on 5.10:',
  );
});

test('a worse verdict than the baseline’s is unexpected', () => {
  const worse = {
    ...reportOf(everywhere(SOURCE), []),
    baseline: {
      ...{ file: 'crossbpf.baseline.json', unknown: 0 },
      changes: [
        {
          ...{ fixture: 'a', subject: 'first', field: 'verdict' as const, target: 'linux@6.1' },
          ...{ before: 'accept', after: 'reject', effect: 'regression' as const },
        },
      ],
    },
  };
  expect(renderRejections(worse, PLAIN)).toContain('✗ a, rejected everywhere:');
});

test('no more than ten are shown', () => {
  const names = Array.from({ length: 13 }, (_, index) => `p${index}`);
  const many = report({
    targets: { 'linux@6.12': '6.12.117' },
    fixtures: {
      a: { 'linux@6.12': Object.fromEntries(names.map(name => [name, rejected(SOURCE)])) },
    },
    failedExpectations: names.map(subject => ({
      ...{ fixture: 'a', subject, path: '', field: 'verdict', target: 'linux@6.12' },
      ...{ expected: 'accept', actual: 'reject', declaredAt: 'fixtures/a.bpf.c:1' },
    })),
  });
  const shown = renderRejections(many, PLAIN);
  expect(shown.match(/^✗/gm)).toHaveLength(10);
  expect(shown).toContain('… and 3 more rejections (see --reporter json)');
});

function location(): NonNullable<ReportedSource['at']> {
  if (SOURCE.at === null) throw new TypeError('the sample has a location');
  return SOURCE.at;
}
