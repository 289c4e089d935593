import { describe, expect, test } from 'vitest';
import type { UserScenario } from '../../harness/scenarios/scenario-schema.ts';
import {
  compareScenario as compare,
  fail,
  failureLines as failures,
  differenceLines as lines,
  pass,
  RUN,
} from '../support/compare-scenario.ts';
import { accepted, rejected } from '../support/fixture-builder.ts';
import { contents, played, step, variables } from '../support/scenario-fixture.ts';

describe('what is not as expected', () => {
  test('each on its target, with its place in the scenario', () => {
    const scenario = {
      steps: [{ ...RUN, expect: { retval: 'XDP_DROP', dataOut: '0xaa' } }],
      expect: {
        maps: {
          counts: [
            { key: 53, value: 3 },
            { key: 80, value: 1 },
          ],
        },
        variables: { hits: { atLeast: 1, atMost: 5 } },
      },
    };
    const run = step('run count', { retval: 2, retvalName: 'XDP_PASS', dataOut: '0xab' });
    const said = played({
      steps: [run],
      maps: { counts: contents({ 53: 2, 443: 1 }), '.bss': variables({ hits: 9 }) },
    });
    expect(failures(compare(scenario, [said]).failedExpectations)).toEqual([
      'linux@5.10: step run count retval: XDP_DROP <> XDP_PASS at :6 (steps[0].expect.retval)',
      'linux@5.10: step run count dataOut: 0xaa <> 0xab at :7 (steps[0].expect.dataOut)',
      'linux@5.10: map counts[53]: 3 <> 2 at :13 (expect.maps.counts)',
      'linux@5.10: map counts[80]: 1 <> absent at :13 (expect.maps.counts)',
      'linux@5.10: map counts[443]: absent <> 1 at :13 (expect.maps.counts)',
      'linux@5.10: variable hits: "1 to 5" <> 9 at :25 (expect.variables.hits)'.replace(/"/g, ''),
    ]);
  });

  test('a step that fails, where nothing says that it may', () => {
    const steps = [{ update: 'counts', key: 1, value: 2 }];
    const full = played({ steps: [fail('update counts', 'E2BIG')] });
    expect(failures(compare({ steps }, [full]).failedExpectations)).toEqual([
      'linux@5.10: step update counts errno: ok <> E2BIG at :3 (steps[0])',
    ]);
    const expected = [{ ...steps[0], expect: { errno: 'E2BIG' } }] as UserScenario['steps'];
    expect(compare({ steps: expected }, [full]).failedExpectations).toEqual([]);
    const done = played({ steps: [step('update counts')] });
    expect(failures(compare({ steps: expected }, [done]).failedExpectations)).toEqual([
      'linux@5.10: step update counts errno: E2BIG <> ok at :8 (steps[0].expect.errno)',
    ]);
    const ignored = {
      steps,
      compare: { steps: { 'update counts': { ignore: ['errno' as const], because: 'who knows' } } },
    };
    expect(compare(ignored, [full]).failedExpectations).toEqual([]);
  });

  test('a map that cannot be filled', () => {
    const scenario = { maps: { counts: [{ key: 1, value: 1 }] }, steps: [RUN] };
    const said = played({ steps: [fail('seed counts[0]', 'ENOMEM'), pass] });
    expect(failures(compare(scenario, [said]).failedExpectations)).toEqual([
      'linux@5.10: step seed counts[0] errno: ok <> ENOMEM at :3 (maps.counts)',
    ]);
  });

  test('a program that is not accepted, and not its steps, where nothing says so', () => {
    const skipped = played({
      programs: { count: rejected('R1 is no pointer'), late: accepted() },
      steps: [
        step('run count', { status: 'skipped', message: 'count was rejected' }),
        step('read counts', { status: 'skipped', message: 'count was rejected' }),
      ],
    });
    const scenario = { steps: [{ ...RUN, expect: { retval: 2 } }, { read: 'counts' }] };
    expect(failures(compare(scenario, [skipped]).failedExpectations)).toEqual([
      'linux@5.10: count verdict: accept <> reject at fixtures/counters.bpf.c',
    ]);
    const declared = { program: 'count', verdict: 'reject', range: 'linux <6', line: 1 } as const;
    expect(compare(scenario, [skipped], [declared]).failedExpectations).toEqual([]);
  });

  test('return values by any of their names, and by number', () => {
    const expecting = (retval: string | number) => ({ steps: [{ ...RUN, expect: { retval } }] });
    const said = played({
      steps: [step('run count', { retval: 4294967295, retvalName: '-EPERM' })],
    });
    for (const retval of ['-EPERM', -1, 4294967295]) {
      expect(compare(expecting(retval), [said]).failedExpectations).toEqual([]);
    }
    expect(compare(expecting(1), [said]).failedExpectations).toHaveLength(1);
  });

  test('a map that an expectation for a range awaits from a target that skipped its program', () => {
    const scenario = {
      steps: [{ run: 'late' }],
      expect: { on: 'linux', maps: { seen: [{ key: 1, value: 1 }] } },
    };
    const skipped = played({
      programs: { count: accepted(), late: rejected('no') },
      steps: [step('run late', { status: 'skipped' })],
      maps: { seen: contents({}) },
    });
    const declared = { program: 'late', verdict: 'reject', range: 'linux', line: 1 } as const;
    expect(failures(compare(scenario, [skipped], [declared]).failedExpectations)).toEqual([
      'linux@5.10: map seen[1]: 1 <> absent at :10 (expect.maps.seen)',
    ]);
  });
});

test.each([
  [null, 'failed'],
  ['EMLINK', 'EMLINK'],
])('a scenario that could not begin says so once, with the error %s', (errno, said) => {
  const scenario = {
    steps: [{ ...RUN, expect: { retval: 2 } }, { read: 'counts' }],
    expect: { maps: { counts: [] } },
  };
  const message = 'not carried out: load program: too many links';
  const stopped = played({
    steps: [
      step('run count', { status: 'failed', errno, message }),
      step('read counts', { status: 'failed', errno, message }),
    ],
    maps: { counts: { kind: 'unreadable', message } },
  });
  const told = [`linux@5.10: step run count errno: ok <> ${said} at :6 (steps[0].expect.retval)`];
  expect(failures(compare(scenario, [stopped]).failedExpectations)).toEqual(told);
  const read = step('read counts', { value: [] });
  const whole = played({ steps: [pass, read], maps: { counts: contents({}) } });
  const { divergences, failedExpectations } = compare(scenario, [stopped, whole]);
  expect(lines(divergences)).toEqual([`≠ step run count errno: ${said} | ok`]);
  expect(failures(failedExpectations)).toEqual(told);
});

describe('a program of which nothing is declared must be accepted', () => {
  const refused = played({ programs: { count: rejected('unknown opcode e5'), late: accepted() } });
  const taken = played({});

  test('also where it is rejected by all targets in the same way, or by the only one', () => {
    const line = (target: string) =>
      `linux@${target}: count verdict: accept <> reject at fixtures/counters.bpf.c`;
    const { divergences, failedExpectations } = compare({}, [refused, refused]);
    expect(divergences).toEqual([]);
    expect(failures(failedExpectations)).toEqual([line('5.10'), line('6.1')]);
    expect(failures(compare({}, [refused]).failedExpectations)).toEqual([line('5.10')]);
  });

  test('on each target that no declaration is about', () => {
    const declared = { program: 'count', verdict: 'reject', range: 'linux <6', line: 1 } as const;
    const { failedExpectations } = compare({}, [refused, refused], [declared]);
    expect(failedExpectations.map(({ target }) => target)).toEqual(['linux@6.1']);
    const reason = { expect: { program: 'count', reason: 'unknown opcode' } };
    expect(compare(reason, [refused, refused]).failedExpectations).toEqual([]);
  });

  test('and where targets differ in it, that is told, once', () => {
    const { divergences, failedExpectations } = compare({}, [refused, taken]);
    expect(divergences).toHaveLength(1);
    expect(failedExpectations).toEqual([]);
  });
});

describe('a step that is expected to give something must succeed', () => {
  const failed = played({ steps: [fail('run count', 'EINVAL')] });
  const done = played({ steps: [pass] });
  const linesOf = (expected: NonNullable<UserScenario['steps']>[number]['expect'], more = {}) => {
    const scenario = { steps: [{ ...RUN, expect: expected }], ...more };
    return failures(compare(scenario, [failed]).failedExpectations).map(line =>
      line.replace(/^.*step run count /, '').replace(/:\d+ /, ''),
    );
  };

  test.each([
    ['retval', { retval: 2 }],
    ['dataOut', { dataOut: '0x00' }],
    ['value', { value: 1 }],
  ])('%s', (field, expected) => {
    expect(linesOf(expected)).toEqual([`errno: ok <> EINVAL at (steps[0].expect.${field})`]);
  });

  test('also where what went wrong is expected in the same words', () => {
    expect(linesOf({ message: /did not work/, retval: 2 })).toEqual([
      'errno: ok <> EINVAL at (steps[0].expect.retval)',
    ]);
  });

  test('where it is expected beside the steps, for this target', () => {
    const beside = (on: string) =>
      linesOf([], { expect: { on, steps: { 'run count': { retval: 2 } } } });
    expect(beside('linux <6')).toEqual([
      "errno: ok <> EINVAL at (expect.steps['run count'].retval)",
    ]);
    expect(beside('linux >=6')).toEqual(['errno: ok <> EINVAL at (steps[0])']);
  });

  test('unless an expectation for this target, or a rule, lets it fail', () => {
    expect(linesOf([{ on: 'linux <6', errno: 'EINVAL' }, { retval: 2 }])).toEqual([]);
    expect(linesOf([{ on: 'linux <6', message: /./ }, { retval: 2 }])).toEqual([]);
    expect(linesOf([{ on: 'linux >=6', errno: 'EINVAL' }, { retval: 2 }])).toHaveLength(1);
    const rule = { ignore: ['errno' as const], because: 'the machine may be busy' };
    expect(linesOf({ retval: 2 }, { compare: { steps: { 'run count': rule } } })).toEqual([]);
  });

  test('so that a failure elsewhere needs no further word', () => {
    const scenario = {
      steps: [
        {
          ...RUN,
          expect: [
            { on: 'linux <6', errno: 'EINVAL' },
            { on: 'linux >=6', retval: 'XDP_PASS' },
          ],
        },
      ],
    };
    const { divergences, failedExpectations } = compare(scenario, [failed, done, done]);
    expect(failedExpectations).toEqual([]);
    expect(divergences.map(({ field, expected }) => ({ field, expected }))).toEqual([
      { field: 'errno', expected: true },
    ]);
  });
});
