import { describe, expect, test } from 'vitest';
import type { UserScenario } from '../../harness/scenarios/scenario-schema.ts';
import {
  compareScenario as compare,
  drop,
  fail,
  failureLines as failures,
  differenceLines as lines,
  pass,
  RUN,
} from '../support/compare-scenario.ts';
import { accepted, rejected } from '../support/fixture-builder.ts';
import { contents, played, step, variables } from '../support/scenario-fixture.ts';

describe('what is declared', () => {
  const said = [played({ steps: [pass] }), played({ steps: [drop] }), played({ steps: [drop] })];

  test('a difference is expected when every target in it is as an expectation says', () => {
    const before = { on: 'linux <6', retval: 'XDP_PASS' };
    const since = { on: 'linux >=6', retval: 1 };
    const of = (expect_: object[]) =>
      compare({ steps: [{ ...RUN, expect: expect_ }] } as UserScenario, said);
    expect(lines(of([before, since]).divergences)).toEqual([
      '~ step run count retval: XDP_PASS | XDP_DROP | XDP_DROP (XDP_PASS before 6, 1 since 6) at (steps[0].expect[0].retval)',
    ]);
    for (const one of [before, since]) {
      const { divergences, failedExpectations } = of([one]);
      expect(lines(divergences)).toEqual([
        '≠ step run count retval: XDP_PASS | XDP_DROP | XDP_DROP',
      ]);
      expect(failedExpectations).toEqual([]);
    }
  });

  test('beside the steps, too', () => {
    const expectations = [
      { on: 'linux <6', steps: { 'run count': { retval: 2 } } },
      { on: ['linux 6.1', 'linux >=6.12'], steps: { 'run count': { retval: 'XDP_DROP' } } },
    ];
    expect(lines(compare({ steps: [RUN], expect: expectations }, said).divergences)).toEqual([
      "~ step run count retval: XDP_PASS | XDP_DROP | XDP_DROP (2 before 6, XDP_DROP on linux 6.1, since 6.12) at (expect[0].steps['run count'].retval)",
    ]);
  });

  test('bounds for every target declare what is within them', () => {
    const counted = [5, 7, 9].map(hits => played({ maps: { '.bss': variables({ hits }) } }));
    const scenario = { steps: [RUN], expect: { variables: { hits: { atLeast: 1 } } } };
    const { divergences, failedExpectations, loose } = compare(scenario, counted);
    expect(lines(divergences)).toEqual([
      '~ variable hits: 5 | 7 | 9 (at least 1) at (expect.variables.hits)',
    ]);
    expect(failedExpectations).toEqual([]);
    expect(loose.get('counters')).toEqual(['variable hits']);
  });

  test('a member that is not mentioned is not declared', () => {
    const config = (limit: number, name: string) =>
      played({ maps: { config: contents({ 0: { limit, name } }) } });
    const scenario = {
      steps: [RUN],
      expect: { maps: { config: [{ key: 0, value: { limit: { atMost: 9 } } }] } },
    };
    expect(lines(compare(scenario, [config(3, 'a'), config(4, 'b')]).divergences)).toEqual([
      '≠ map config[0].name: a | b',
      '~ map config[0].limit: 3 | 4 (at most 9) at (expect.maps.config)',
    ]);
  });

  test('an entry that is there, and one that is not', () => {
    const scenario = {
      steps: [RUN],
      expect: [
        { on: 'linux <6', maps: { counts: [] } },
        { on: 'linux >=6', maps: { counts: { contains: [{ key: 53, value: 7 }] } } },
      ],
    };
    const maps = [{}, { 53: 7 }, { 53: 7 }].map(each =>
      played({ maps: { counts: contents(each) } }),
    );
    expect(lines(compare(scenario, maps).divergences)).toEqual([
      '~ map counts[53]: absent | 7 | 7 (absent before 6, 7 since 6) at (expect[0].maps.counts)',
    ]);
  });

  test('an error where it is expected', () => {
    const steps = [
      {
        ...RUN,
        expect: [
          { on: 'linux <6', errno: 'EINVAL' },
          { on: 'linux >=6', errno: null, retval: 2 },
        ],
      },
    ];
    const half = [played({ steps: [fail('run count', 'EINVAL')] }), played({ steps: [pass] })];
    const { divergences, failedExpectations } = compare({ steps }, half);
    expect(failedExpectations).toEqual([]);
    expect(lines(divergences)).toEqual([
      '~ step run count errno: EINVAL | ok (EINVAL before 6, ok since 6) at (steps[0].expect[0].errno)',
    ]);
  });

  test('what the comparison is told to leave out, for the reason that is given', () => {
    const differing = [1, 2].map(at =>
      played({
        steps: [step('run count', { retval: at }), step('read events', { value: [at] })],
        maps: { seen: contents({ [at]: at }), '.bss': variables({ hits: at }) },
      }),
    );
    const rules = {
      maps: { seen: { ignore: 'all' as const, because: 'keys are pids' } },
      variables: { hits: { ignore: 'all' as const, because: 'a time' } },
      steps: { 'read events': { ignore: ['value' as const], because: 'pids' } },
    };
    const scenario = (compare_: object) =>
      ({ steps: [RUN, { read: 'events' }], compare: compare_ }) as UserScenario;
    expect(lines(compare(scenario(rules), differing).divergences)).toEqual([
      '≠ step run count retval: 1 | 2',
      "~ step read events: [1] | [2] (pids) at (compare.steps['read events'])",
      '~ map seen: {1: 1} | {2: 2} (keys are pids) at (compare.maps.seen)',
      '~ variable hits: 1 | 2 (a time) at (compare.variables.hits)',
    ]);
    for (const kind of ['maps', 'variables', 'steps'] as const) {
      const less = lines(compare(scenario({ ...rules, [kind]: {} }), differing).divergences);
      const undeclared = less.filter(line => line.startsWith('≠'));
      // The keys 1 and 2 of the map are two differences.
      expect(undeclared).toHaveLength(kind === 'maps' ? 3 : 2);
    }
  });

  test.each([
    ['keys', { 10: 1 }, ['~ map seen: {1: 1} | {10: 1} (pids) at (compare.maps.seen)']],
    [
      'keys',
      { 10: 2 },
      [
        '~ map seen: {1: 1} | {10: 2} (pids) at (compare.maps.seen)',
        '≠ map seen: {1: 1} | {10: 2}',
      ],
    ],
    ['values', { 1: 5 }, ['~ map seen: {1: 1} | {1: 5} (pids) at (compare.maps.seen)']],
    [
      'values',
      { 1: 5, 2: 5 },
      [
        '~ map seen: {1: 1} | {1: 5, 2: 5} (pids) at (compare.maps.seen)',
        '≠ map seen[2]: absent | present',
      ],
    ],
  ] as const)('only the %s of a map: %j', (ignore, other, told) => {
    const scenario = { steps: [RUN], compare: { maps: { seen: { ignore, because: 'pids' } } } };
    const maps = [{ 1: 1 }, other].map(each => played({ maps: { seen: contents(each) } }));
    expect(lines(compare(scenario, maps).divergences)).toEqual(told);
  });

  test('cost counts where a tolerance is given: around the median', () => {
    const cost = [100, 104, 300].map(insns =>
      played({ programs: { count: accepted(insns), late: accepted() } }),
    );
    expect(compare({ steps: [RUN] }, cost).divergences).toEqual([]);
    const strict = { steps: [RUN], compare: { insns: '±20%' } };
    expect(lines(compare(strict, cost).divergences)).toEqual(['≠ count insns: 100 | 104 | 300']);
    const declared = {
      ...strict,
      expect: { on: 'linux >=6.12', program: 'count', insns: { atMost: 400 } },
    };
    expect(lines(compare(declared, cost).divergences)).toEqual([
      '~ count insns: 100 | 104 | 300 (at most 400 since 6.12) at (expect.insns)',
    ]);
    expect(compare({ ...strict, compare: { insns: '200%' } }, cost).divergences).toEqual([]);
  });

  test('a verdict and its reason in the scenario', () => {
    const rejecting = (reason: string) =>
      played({ programs: { count: accepted(), late: rejected(reason) } });
    const verdicts = [rejecting('invalid func unknown#181'), played({}), played({})];
    const scenario = {
      expect: [
        { on: 'linux <6', program: 'late', verdict: 'reject', reason: /unknown func|func unknown/ },
        { on: 'linux >=6', program: 'late', verdict: 'accept' },
      ],
    } satisfies UserScenario;
    expect(lines(compare(scenario, verdicts).divergences)).toEqual([
      '~ late verdict: reject | accept | accept (rejected before 6) at (expect[0].verdict)',
    ]);
    const other = compare(scenario, [rejecting('R1 is no pointer'), played({}), played({})]);
    expect(failures(other.failedExpectations)).toEqual([
      'linux@5.10: late reason: /unknown func|func unknown/ <> "R1 is no pointer" at :7 (expect[0].reason)',
    ]);
  });
});
