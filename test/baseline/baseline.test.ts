import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { baselineSchema, EMPTY_BASELINE } from '../../harness/baseline/baseline-schema.ts';
import { withBaseline } from '../../harness/baseline/compare-baseline.ts';
import { formatBaseline } from '../../harness/baseline/format-baseline.ts';
import { gatesOf } from '../../harness/baseline/gates.ts';
import { takeBaseline } from '../../harness/baseline/take-baseline.ts';
import { configSchema } from '../../harness/config/config-schema.ts';
import { renderFindings } from '../../harness/report/matrix/findings.ts';
import type { Report } from '../../harness/report/report-schema.ts';
import { program, report } from '../support/report-builder.ts';
import { contents, step, variables } from '../support/scenario-fixture.ts';

const TARGETS = { 'linux@5.10': '5.10.262', 'linux@6.12': '6.12.117' };

/** `counters` on two targets, with a scenario; `count` costs so much on the newer one. */
function counters({ insns = 100, hits = 3, value = 7 } = {}): Report {
  const made = report({
    targets: TARGETS,
    fixtures: {
      counters: {
        'linux@6.12': { count: program({ insns }) },
        'linux@5.10': { count: program({ verdict: 'reject' }) },
      },
    },
  });
  const result = made.fixtures[0]?.results['linux@6.12'];
  if (result?.status !== 'ran') throw new Error('it ran');
  result.steps = [
    step('first packet', { retval: 2, retvalName: 'XDP_PASS', dataOut: `0x${'ab'.repeat(60)}` }),
    step('update counts'),
    step('update full', { status: 'failed', errno: 'E2BIG' }),
    step('run late', { status: 'skipped' }),
  ] as never;
  result.maps = {
    counts: contents({ 100: 1, 53: value }),
    seen: contents({ 1: value }),
    '.bss': variables({ hits }),
  } as never;
  return { ...made, fixtures: made.fixtures.map(each => ({ ...each, loose: ['map seen'] })) };
}

const take = (of: Report, before = EMPTY_BASELINE, isWhole = true) =>
  takeBaseline(of, { before, isWhole });
const hold = (of: Report, gates: object = {}) =>
  withBaseline(of, {
    ...{ baseline: take(counters()), file: 'crossbpf.baseline.json' },
    gates: gatesOf(configSchema.parse({ baseline: gates }).baseline),
  });

describe('the file', () => {
  test('is sorted, with a line for each answer', () => {
    const data = JSON.stringify(`0x${'ab'.repeat(60)}`);
    const digest = createHash('sha256').update(data).digest('hex').slice(0, 12);
    expect(formatBaseline(take(counters()))).toBe(`{
  "schema": "crossbpf/baseline@1",
  "targets": {
    "linux@5.10": "5.10.262",
    "linux@6.12": "6.12.117"
  },
  "fixtures": {
    "counters": {
      "programs": {
        "count": {
          "linux@5.10": { "verdict": "reject", "reason": "unknown opcode e5" },
          "linux@6.12": { "verdict": "accept", "insns": 100 }
        }
      },
      "scenario": {
        "map counts": { "{53: 7, 100: 1}": ["linux@6.12"] },
        "step first packet": { "XDP_PASS, data 60 bytes, sha256 ${digest}": ["linux@6.12"] },
        "step update counts": { "ok": ["linux@6.12"] },
        "step update full": { "E2BIG": ["linux@6.12"] },
        "variable hits": { "3": ["linux@6.12"] }
      }
    }
  }
}
`);
  });

  test('is read as it was written, and written again the same', () => {
    const text = formatBaseline(take(counters()));
    const read = baselineSchema.parse(JSON.parse(text));
    expect(formatBaseline(take(counters(), read))).toBe(text);
  });

  test('keeps what a run did not ask', () => {
    const other = report({
      targets: { 'linux@6.1': '6.1.192' },
      fixtures: { loop: { 'linux@6.1': { counted: program() } } },
    });
    const [fixture] = counters().fixtures;
    if (fixture === undefined) throw new Error('there is one');
    const half = { ...counters(), fixtures: [{ ...fixture, results: {} }] };
    const kept = take(half, take(counters()), false);
    expect(kept.fixtures).toEqual(take(counters()).fixtures);
    const both = take(other, kept, false);
    expect(Object.keys(both.fixtures)).toEqual(['counters', 'loop']);
    expect(Object.keys(both.targets).sort()).toEqual(['linux@5.10', 'linux@6.1', 'linux@6.12']);
    // A run of all that there is leaves out what is gone.
    expect(Object.keys(take(other, kept).fixtures)).toEqual(['loop']);
    expect(Object.keys(take(other, kept).targets)).toEqual(['linux@6.1']);
  });
});

/** What is told of changes, without the sign and without what to do about them. */
function told(held: Report): string[] {
  const plain = { columns: 80, color: false, wrap: false };
  const lines = renderFindings(held, plain).trim().split('\n');
  return lines.filter(line => line.startsWith('✗') || line.startsWith('↓'));
}

describe('a later run', () => {
  test('that says the same has no changes', () => {
    const held = hold(counters());
    expect(held.baseline).toEqual({ file: 'crossbpf.baseline.json', changes: [], unknown: 0 });
    expect(held.summary.unexpected).toBe(0);
  });

  test('fails on a verdict, a reason and a value that are others', () => {
    const later = counters({ hits: 4, value: 8 });
    const results = later.fixtures[0]?.results ?? {};
    results['linux@5.10'] = {
      ...(results['linux@5.10'] as (typeof results)[string]),
      programs: { count: program({ verdict: 'unsupported', reason: 'no helper bpf_loop' }) },
    };
    const held = hold(later);
    expect(held.summary.unexpected).toBe(3);
    expect(told(held)).toEqual([
      '✗ counters: not supported (no helper bpf_loop) on 5.10, rejected in the baseline',
      '✗ counters › map counts: {53: 8, 100: 1} on 6.12, {53: 7, 100: 1} in the baseline',
      '✗ counters › variable hits: 4 on 6.12, 3 in the baseline',
    ]);
  });

  test.each([
    [105, []],
    [106, ['✗ counters: 106 instructions on 6.12, 100 in the baseline (+6.0 %, allowed is +5%)']],
    [95, []],
    [80, ['↓ counters: 80 instructions on 6.12, 100 in the baseline (−20.0 %)']],
  ])('that costs %d instead of 100 instructions', (insns, lines) => {
    const held = hold(counters({ insns }));
    expect(told(held)).toEqual(lines);
    expect(held.summary.unexpected).toBe(lines.some(line => line.startsWith('✗')) ? 1 : 0);
  });

  test('is held against limits without a baseline', () => {
    const limited = (insns: number) =>
      withBaseline(counters({ insns }), {
        ...{ baseline: null, file: null },
        gates: gatesOf(
          configSchema.parse({ baseline: { maxInsns: 900_000, nearLimit: '80%' } }).baseline,
        ),
      });
    expect(limited(800_000).baseline).toBeUndefined();
    expect(told(limited(900_001))).toEqual([
      '✗ counters: 900001 instructions on 6.12, more than 900000 (maxInsns)',
      '✗ counters: 900001 instructions on 6.12, more than 80% of the 1000000 that the verifier allows (nearLimit)',
    ]);
  });

  test('of what the baseline does not have is told, and does not fail', () => {
    const other = report({
      targets: TARGETS,
      fixtures: { loop: { 'linux@6.12': { counted: program() } } },
    });
    const held = hold(other);
    expect(held.summary.unexpected).toBe(0);
    expect(renderFindings(held, { columns: 80, color: false, wrap: false })).toBe(
      '\n→ 1 answer is not in crossbpf.baseline.json yet; crossbpf run --update adds them\n',
    );
  });
});

test('a fixture that shares its name with another is the same one in a run of it alone', () => {
  const named = (id: string, made: Report): Report => ({
    ...made,
    fixtures: made.fixtures.map(each => ({ ...each, id, source: 'xdp/main.bpf.c' })),
  });
  const before = take(named('xdp/main.bpf.c', counters()));
  const alone = named('main', counters({ insns: 200, value: 8 }));
  const { baseline } = withBaseline(alone, {
    ...{ baseline: before, file: 'crossbpf.baseline.json' },
    gates: gatesOf(configSchema.parse({}).baseline),
  });
  expect(baseline?.unknown).toBe(0);
  expect(baseline?.changes.map(({ subject, after }) => [subject, after])).toEqual([
    ['count', '200'],
    ['map counts', '{53: 8, 100: 1}'],
  ]);
  expect(Object.keys(take(alone, before, false).fixtures)).toEqual(['xdp/main.bpf.c']);
});

test.each(['constructor', '__proto__', 'toString'])('a fixture and a program called %s', name => {
  const of = (verdict: 'accept' | 'reject') =>
    report({
      targets: TARGETS,
      fixtures: Object.fromEntries([
        [name, { 'linux@6.12': Object.fromEntries([[name, program({ verdict })]]) }],
      ]),
    });
  const accepted = of('accept');
  const baseline = take(accepted);
  expect(take(accepted, baseline)).toEqual(baseline);
  const gates = gatesOf(configSchema.parse({}).baseline);
  const changes = (verdict: 'accept' | 'reject', before = baseline) =>
    withBaseline(of(verdict), { baseline: before, file: 'b.json', gates }).baseline?.changes;
  expect(changes('accept')).toEqual([]);
  expect(changes('reject')).toMatchObject([{ subject: name, field: 'verdict', after: 'reject' }]);
  expect(changes('accept', EMPTY_BASELINE)).toEqual([]);
});
