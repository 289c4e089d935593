import { expect, test } from 'vitest';
import { defineScenario } from '../../harness/scenarios/define-scenario.ts';
import { describeIssues } from '../../harness/scenarios/describe-issues.ts';
import { scenarioSchema } from '../../harness/scenarios/scenario-schema.ts';

function wrong(scenario: unknown): string[] {
  const parsed = scenarioSchema.safeParse(scenario);
  return parsed.success ? [] : describeIssues(parsed.error);
}

const KINDS = 'run, attach, detach, trigger, read, lookup, take, pop, update, delete';

test.each<[unknown, string]>([
  [{ step: [] }, 'step: unknown key; did you mean steps?'],
  [{ steps: [{ run: 'x', expct: {} }] }, 'steps[0].expct: unknown key; did you mean expect?'],
  [{ steps: [{ rn: 'x' }] }, 'steps[0].rn: unknown key; did you mean run?'],
  [{ steps: [{}] }, `steps[0]: a step needs one of ${KINDS}`],
  [{ steps: [5] }, `steps[0]: a step is an object with one of ${KINDS}`],
  [{ steps: [{ lookup: 'm', run: 'p' }] }, 'steps[0]: a step has one of run, lookup, not several'],
  [{ steps: [{ run: 5 }] }, 'steps[0].run: expected string, received number'],
  [
    { steps: [{ run: 'x', expect: { retvl: 1 } }] },
    'steps[0].expect.retvl: unknown key; did you mean retval?',
  ],
  [
    { steps: [{ run: 'x', expect: [{ retvl: 1 }] }] },
    'steps[0].expect[0].retvl: unknown key; did you mean retval?',
  ],
  [
    { steps: [{ run: 'x', expect: { errno: 'EINVAL', retval: 1 } }] },
    'steps[0].expect.retval: a step that fails with EINVAL has no retval: expect one of them',
  ],
  [{ steps: [{ update: 'm', key: 1 }] }, 'steps[0].value: it is missing'],
  [
    { steps: [{ attach: 'p', to: { kprob: 'f' } }] },
    'steps[0].to.kprob: unknown key; did you mean kprobe?',
  ],
  [
    { steps: [{ attach: 'p', to: { tracepoint: 'exec' } }] },
    "steps[0].to.tracepoint: expected 'group/name'",
  ],
  [
    { steps: [{ trigger: { udp: { prt: 5, port: 5 } } }] },
    'steps[0].trigger.udp.prt: unknown key; did you mean port?',
  ],
  [{ steps: [{ trigger: { opn: '/' } }] }, 'steps[0].trigger.opn: unknown key; did you mean open?'],
  [
    { steps: [{ read: { itertor: 'x' } }] },
    'steps[0].read.itertor: unknown key; did you mean iterator?',
  ],
  [{ maps: { m: { key: 1 } } }, 'maps.m: expected array, received object'],
  [
    { maps: { m: [{ key: 1, value: () => 1 }] } },
    'maps.m[0].value: it holds what is no value (undefined, a function)',
  ],
  [{ variables: { 'a b': undefined } }, "variables['a b']: it is missing"],
  [{ expect: [{ verdict: 'accept' }] }, 'expect[0]: verdict is of a program: say which (program)'],
  [{ expect: { program: 'p' } }, 'expect: program p expects nothing: add verdict or reason'],
  [{ expect: [{}] }, 'expect[0]: it expects nothing: add maps, variables, steps or program'],
  [
    { expect: [{ program: 'p', verdict: 'acept' }] },
    "expect[0].verdict: expected one of 'accept'|'reject'|'unsupported'",
  ],
  [
    { expect: [{ on: 'linx', program: 'p', verdict: 'accept' }] },
    'expect[0].on: not a range of targets: "linx": it does not start with linux or windows',
  ],
  [
    { expect: [{ maps: { m: [{ key: 1, vale: 2 }] } }] },
    'expect[0].maps.m[0].vale: unknown key; did you mean value?',
  ],
  [{ compare: { insns: '20' } }, "compare.insns: expected a tolerance, such as '±20%'"],
  [
    { compare: { maps: { m: { ignore: 'all' } } } },
    'compare.maps.m.because: it is missing (expected string)',
  ],
  [[], 'expected object, received array'],
])('%j: %s', (scenario, message) => {
  expect(wrong(scenario)).toEqual([message]);
});

test.each([
  ['0x123', 'steps[0].data: expected bytes'],
  ['hello', 'steps[0].data: expected bytes'],
  [{ txt: 'hi' }, 'steps[0].data: expected bytes'],
  [
    {
      bytes: () => {
        throw new Error('udp.dst: 70000 is no port');
      },
    },
    'steps[0].data: udp.dst: 70000 is no port',
  ],
])('what are no bytes: %j', (data, message) => {
  expect(wrong({ steps: [{ run: 'p', data }] })[0]).toContain(message);
});

test.each([
  ['0x00FF', '0x00ff'],
  [{ text: 'hi' }, '0x6869'],
  [Buffer.from([1]), '0x01'],
  [{ bytes: () => new Uint8Array([2, 3]) }, '0x0203'],
])('bytes may be %j', (data, hex) => {
  expect(scenarioSchema.parse({ steps: [{ run: 'p', data }] }).steps).toMatchObject([
    { data: hex },
  ]);
});

test('all that is wrong is said at once', () => {
  const scenario = { setps: [], maps: { m: 1 }, compare: { insn: 1 }, stepTimeout: 'long' };
  expect(wrong(scenario)).toEqual([
    'maps.m: expected array, received number',
    'compare.insn: unknown key; did you mean insns?',
    'stepTimeout: expected number, received string',
    'setps: unknown key; did you mean steps?',
  ]);
});

test('an empty scenario has every default', () => {
  expect(scenarioSchema.parse({})).toEqual({
    ...{ maps: {}, variables: {}, steps: [], expect: [], stepTimeout: 10 },
    compare: { maps: {}, variables: {}, steps: {} },
  });
});

test('one range or expectation is a list of one; a tolerance is a part of one', () => {
  const { expect: expectations, compare } = scenarioSchema.parse({
    expect: { on: 'linux >=5.17', program: 'p', verdict: 'accept' },
    compare: { insns: '±12.5%', states: '3%' },
  });
  expect(expectations).toEqual([{ on: ['linux >=5.17'], program: 'p', verdict: 'accept' }]);
  expect(compare).toMatchObject({ insns: 0.125, states: 0.03 });
});

test('matchers: text between slashes is a RegExp, a path is not; great integers are digits', () => {
  const variables = {
    ...{ pattern: '/^a.c$/i', path: '/proc/version', broken: '/(/', expression: /x/u },
    ...{ great: 2n ** 64n - 1n, small: 3n, bytes: Buffer.from([255]), list: ['/b/', { c: 1n }] },
  };
  const { expect: expectations } = scenarioSchema.parse({ expect: { variables } });
  expect(expectations[0]?.variables).toEqual({
    ...{ pattern: /^a.c$/i, path: '/proc/version', broken: '/(/', expression: /x/u },
    ...{ great: '18446744073709551615', small: 3, bytes: '0xff', list: [/b/, { c: 1 }] },
  });
});

test('a scenario is typed where it is written', () => {
  const scenario = defineScenario({
    steps: [
      { run: 'p', data: { text: 'x' }, expect: { retval: 'XDP_PASS' } },
      { attach: 'p', to: { kprobe: 'f' } },
      { update: 'm', key: 1, value: { a: 5n }, flags: 'noexist', expect: { errno: 'EEXIST' } },
      // @ts-expect-error: unknown key
      { run: 'p', expct: {} },
      // @ts-expect-error: unknown flag
      { update: 'm', key: 1, value: 1, flags: 'sometimes' },
    ],
    // @ts-expect-error: it needs a reason
    compare: { maps: { m: { ignore: 'all' } } },
  });
  expect(wrong(scenario)).toHaveLength(3);
});
