import { describe, expect, test } from 'vitest';
import { renderFindings } from '../../harness/report/matrix/findings.ts';
import { renderMatrix } from '../../harness/report/matrix/render.ts';
import { renderSummary } from '../../harness/report/matrix/summary.ts';
import type { Report } from '../../harness/report/report-schema.ts';
import { reportSchema } from '../../harness/report/report-schema.ts';
import { NO_NETWORK } from '../../harness/run/step-observation.ts';
import type { UserScenario } from '../../harness/scenarios/scenario-schema.ts';
import { drop, fail, pass, RUN, reportScenario } from '../support/compare-scenario.ts';
import { accepted, rejected } from '../support/fixture-builder.ts';
import { contents, played, step, variables } from '../support/scenario-fixture.ts';

/** Findings as a pipe gets them, a line each. */
function inPipe(report: Report): string[] {
  const text = renderFindings(report, { columns: 80, color: false, wrap: false });
  return text.split('\n').filter(line => line !== '');
}

const HINT =
  '→ a difference that is meant is declared in the scenario: expect, with on for a range of targets, or compare';

const run = (answer: object) => played({ steps: [step('run count', answer)] });

describe('a difference says which step or value, and what came on which kernels', () => {
  test.each<[string, Parameters<typeof reportScenario>[1], string]>([
    [
      'of a return value',
      [played({ steps: [pass] }), played({ steps: [pass] }), played({ steps: [drop] })],
      '≠ counters › step run count, return value: 5.10–6.1: XDP_PASS · 6.12: XDP_DROP',
    ],
    [
      'of an error, with what failed',
      [played({ steps: [fail('run count', 'EINVAL')] }), played({ steps: [pass] })],
      '✗ counters › step run count: it failed with EINVAL (run count did not work) on 5.10; the step is at fixtures/counters.scenario.ts:3 (steps[0])',
    ],
    [
      'of data',
      [run({ dataOut: '0xaabb' }), run({ dataOut: '0xaabc' })],
      '≠ counters › step run count, data: 5.10: 0xaabb · 6.1: 0xaabc',
    ],
    [
      'of an entry',
      [7, 9, 9].map(value => played({ maps: { counts: contents({ 53: value }) } })),
      '≠ counters › map counts[53]: 5.10: 7 · ≥6.1: 9',
    ],
    [
      'of several entries',
      [{ 53: 7, 80: 1 }, { 53: 9 }].map(each => played({ maps: { counts: contents(each) } })),
      '≠ counters › map counts differs in 2 places: [53]: 5.10: 7 · 6.1: 9; [80]: 5.10: 1 · 6.1: absent',
    ],
    [
      'of a variable',
      [1, 2].map(hits => played({ maps: { '.bss': variables({ hits }) } })),
      '≠ counters › variable hits: 5.10: 1 · 6.1: 2',
    ],
  ])('%s', (_, said, line) => {
    expect(inPipe(reportScenario({ steps: [RUN] }, said))).toEqual([line, HINT]);
  });

  test('of cost', () => {
    const cost = [100, 104, 300].map(insns =>
      played({ programs: { count: accepted(insns), late: accepted() } }),
    );
    const report = reportScenario({ steps: [RUN], compare: { insns: '±20%' } }, cost);
    expect(inPipe(report)[0]).toBe(
      '≠ counters › count, instructions: 5.10: 100 · 6.1: 104 · 6.12: 300',
    );
  });

  test('and of one that is declared, what declares it', () => {
    const scenario: UserScenario = {
      steps: [
        {
          ...RUN,
          expect: [
            { on: 'linux <6', retval: 'XDP_PASS' },
            { on: 'linux >=6', retval: 1 },
          ],
        },
      ],
      compare: { maps: { seen: { ignore: 'all', because: 'keys are pids' } } },
    };
    const said = [pass, drop].map((each, at) =>
      played({ steps: [each], maps: { seen: contents({ [at]: at, [at + 9]: 1 }) } }),
    );
    const report = reportScenario(scenario, said);
    expect(inPipe(report)).toEqual([
      '~ counters › step run count, return value: XDP_PASS before 6, 1 since 6',
      '~ counters › map seen: keys are pids',
    ]);
    expect(report.summary).toMatchObject({ divergent: 1, unexpected: 0 });
  });

  test('and of what a program would have written that is not accepted, that', () => {
    const skipped = played({
      programs: { count: accepted(), late: rejected('unknown opcode e5') },
      steps: [step('run late', { status: 'skipped' })],
      maps: { seen: contents({}) },
    });
    const whole = played({
      steps: [step('run late', { retval: 2 })],
      maps: { seen: contents({ 1: 1, 2: 2, 3: 3 }) },
    });
    expect(inPipe(reportScenario({ steps: [{ run: 'late' }] }, [skipped, whole, whole]))).toEqual([
      '~ counters › map seen[1] and 2 more: not every target accepts late',
      '≠ counters › late: 5.10: rejected (unknown opcode e5) · ≥6.1: accepted',
      '→ a verdict that is meant is declared in the source: // crossbpf: expect PROGRAM reject linux <6.9',
    ]);
  });
});

test('kernels without what a network is made of are told once, and what can be done', () => {
  const without = { ...fail('run count', 'EOPNOTSUPP'), message: NO_NETWORK };
  const said = [played({ steps: [pass] }), played({ steps: [without] })];
  expect(inPipe(reportScenario({ steps: [RUN] }, said))).toEqual([
    `✗ counters › step run count: it failed with EOPNOTSUPP (${NO_NETWORK}) on 6.1; the step is at fixtures/counters.scenario.ts:3 (steps[0])`,
    expect.stringMatching(/^→ 6\.1 cannot make a scenario's network: veth is neither built in/),
    HINT,
  ]);
});

describe('what is not as expected says what came instead, and where it is written', () => {
  const everywhere = (answer: Parameters<typeof played>[0]) => [1, 2, 3].map(() => played(answer));

  test.each<[string, UserScenario, Parameters<typeof reportScenario>[1], string]>([
    [
      'a return value',
      { steps: [{ ...RUN, expect: { retval: 'XDP_DROP' } }] },
      everywhere({ steps: [pass] }),
      'step run count: expected return value XDP_DROP, got XDP_PASS everywhere; declared at fixtures/counters.scenario.ts:6 (steps[0].expect.retval)',
    ],
    [
      'one that is others on others',
      { steps: [{ ...RUN, expect: { retval: 'XDP_TX' } }] },
      [played({ steps: [pass] }), played({ steps: [drop] }), played({ steps: [drop] })],
      'step run count: expected return value XDP_TX, got 5.10: XDP_PASS · ≥6.1: XDP_DROP; declared at fixtures/counters.scenario.ts:6 (steps[0].expect.retval)',
    ],
    [
      'on one kernel, which is told once',
      { steps: [{ ...RUN, expect: { retval: 'XDP_DROP' } }] },
      [played({ steps: [pass] }), played({ steps: [drop] }), played({ steps: [drop] })],
      'step run count: expected return value XDP_DROP, got XDP_PASS on 5.10; declared at fixtures/counters.scenario.ts:6 (steps[0].expect.retval)',
    ],
    [
      'an error that did not come',
      { steps: [{ ...RUN, expect: { errno: 'EEXIST' } }] },
      everywhere({ steps: [pass] }),
      'step run count: expected it to fail with EEXIST, got no error everywhere; declared at fixtures/counters.scenario.ts:6 (steps[0].expect.errno)',
    ],
    [
      'an error that nobody expects',
      { steps: [RUN] },
      everywhere({ steps: [fail('run count', 'E2BIG')] }),
      'step run count: it failed with E2BIG (run count did not work) everywhere; the step is at fixtures/counters.scenario.ts:3 (steps[0])',
    ],
    [
      'a map, as a small difference',
      {
        steps: [RUN],
        expect: {
          maps: {
            counts: [
              { key: 53, value: 3 },
              { key: 80, value: 1 },
            ],
          },
        },
      },
      [
        { 53: 2, 443: 1 },
        { 53: 4, 443: 1 },
      ].map(each => played({ maps: { counts: contents(each) }, steps: [pass] })),
      'map counts is not as expected everywhere; declared at fixtures/counters.scenario.ts:9 (expect.maps.counts): [53]: expected 3, got 5.10: 2 · 6.1: 4; [80]: expected 1, got nothing; [443]: expected nothing, got 1',
    ],
    [
      'a variable within bounds',
      { steps: [RUN], expect: { variables: { hits: { atLeast: 1, atMost: 5 } } } },
      everywhere({ maps: { '.bss': variables({ hits: 9 }) } }),
      'variable hits: expected 1 to 5, got 9 everywhere; declared at fixtures/counters.scenario.ts:9 (expect.variables.hits)',
    ],
  ])('%s', (_, scenario, said, line) => {
    expect(inPipe(reportScenario(scenario, said))).toEqual([`✗ counters › ${line}`]);
  });

  test('an object that cannot be loaded as a whole, by the name that declares it', () => {
    const programs = { count: accepted(), late: accepted() };
    const said = [played({ programs }), played({ programs, object: rejected('EINVAL') })];
    expect(inPipe(reportScenario({ steps: [] }, said))).toContain(
      '→ a verdict that is meant is declared in the source: // crossbpf: expect object reject linux <6.9',
    );
  });

  test('a program that is not accepted, once, with what to do about it', () => {
    const said = everywhere({
      programs: { count: rejected('R1 is no pointer'), late: accepted() },
      steps: [step('run count', { status: 'skipped', message: 'count was rejected' })],
    });
    const told =
      '✗ counters › count: rejected everywhere (R1 is no pointer), which nothing declares';
    const report = reportScenario({ steps: [RUN] }, said);
    expect(inPipe(report)).toEqual([
      told,
      '→ a verdict that is meant is declared in the source: // crossbpf: expect PROGRAM reject linux <6.9',
    ]);
    const ofObject = report.fixtures.map(each => ({ ...each, source: 'counters.o' }));
    expect(inPipe({ ...report, fixtures: ofObject })).toEqual([
      told,
      expect.stringMatching(/^→ .* in NAME\.scenario\.json: \{"expect": /),
    ]);
  });
});

/** All at once: a step, a map and a difference that nothing declares. */
const whole = reportScenario(
  {
    steps: [{ ...RUN, name: 'first packet', expect: { retval: 'XDP_DROP' } }, { read: 'events' }],
    expect: {
      maps: {
        counts: [
          { key: 53, value: 3 },
          { key: 80, value: 1 },
        ],
      },
    },
  },
  [1, 2, 2].map(pid =>
    played({
      steps: [{ ...pass, name: 'first packet' }, step('read events', { value: [{ pid }] })],
      maps: { counts: contents({ 53: 2, 443: 1 }) },
    }),
  ),
);

test('on a terminal of 80 columns lines are broken, and a value’s places stand below it', () => {
  const options = { columns: 80, color: false, wrap: true };
  expect(renderMatrix(whole, options) + renderFindings(whole, options)).toBe(`\
                      5.10.262  6.1.192   6.12.117
  counters
    count             ✓ 12      ✓ 12      ✓ 12
    late              ✓ 12      ✓ 12      ✓ 12
≠   scenario          ✗         ✗         ✗

≠ counters › step read events[0].pid: 5.10: 1 · ≥6.1: 2
✗ counters › step first packet: expected return value XDP_DROP, got XDP_PASS
    everywhere; declared at fixtures/counters.scenario.ts:7
    (steps[0].expect.retval)
✗ counters › map counts is not as expected everywhere; declared at
    fixtures/counters.scenario.ts:16 (expect.maps.counts)
    [53]: expected 3, got 2
    [80]: expected 1, got nothing
    [443]: expected nothing, got 1
→ a difference that is meant is declared in the scenario: expect, with on for a
    range of targets, or compare
`);
  expect(renderSummary(whole, options)).toContain('· 5 unexpected ·');
});

test('the summary of a run that nobody answered speaks of no difference', () => {
  const none = { accepted: 0, rejected: 0, unsupported: 0, divergent: 0, unexpected: 0 };
  const report = { ...whole, summary: { ...whole.summary, ...none, infrastructure: 2 } };
  const text = renderSummary(report, { color: false });
  expect(text).toMatch(/: 0 accepted · 2 answers could not be had · \d/);
});

test('at 160 columns the same, in fewer lines', () => {
  const text = renderFindings(whole, { columns: 160, color: false, wrap: true });
  const lines = text.trim().split('\n');
  expect(lines).toHaveLength(7);
  expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(160);
});

test('a screen is not filled with one value', () => {
  const many = [1, 2].map(value =>
    played({
      maps: {
        counts: contents(Object.fromEntries(Array.from({ length: 30 }, (_, key) => [key, value]))),
      },
    }),
  );
  const report = reportScenario({ steps: [RUN] }, many);
  const text = renderFindings(report, { columns: 80, color: false, wrap: true });
  const lines = text.trim().split('\n');
  expect(lines[0]).toBe('≠ counters › map counts differs in 30 places');
  expect(lines[10]).toBe('    [9]: 5.10: 1 · 6.1: 2');
  expect(lines[11]).toBe('    … and 20 more (see --reporter json)');
  expect(report.summary).toMatchObject({ divergent: 1 });
});

test('such a report is valid', () => {
  expect(reportSchema.parse(whole)).toEqual(whole);
});
