import { describe, expect, test } from 'vitest';
import { compareAnswers } from '../../harness/compare/compare.ts';
import type { Platform } from '../../harness/config/platform.ts';
import type { FixtureObservation, StepObservation } from '../../harness/run/observation.ts';
import { returnName } from '../../harness/scenarios/return-names.ts';
import type { UserScenario } from '../../harness/scenarios/scenario-schema.ts';
import { differenceLines, fail, failureLines, RUN } from '../support/compare-scenario.ts';
import { rejected } from '../support/fixture-builder.ts';
import { contents, played, scenarioFixture, step, variables } from '../support/scenario-fixture.ts';

const LINUX_5 = { id: 'linux@5.10', platform: 'linux', upstream: '5.10.262' } as const;
const LINUX_6 = { id: 'linux@6.12', platform: 'linux', upstream: '6.12.117' } as const;
const WINDOWS = { id: 'windows@1.5', platform: 'windows', upstream: '10.0.20348' } as const;
const TARGETS = [LINUX_5, LINUX_6, WINDOWS];

/** Compares what 5.10, 6.12 and Windows said, in this order; the differences and failures in one line each. */
function compare(said: readonly FixtureObservation[], scenario: UserScenario = { steps: [RUN] }) {
  const byTarget = new Map(TARGETS.map(({ id }, index) => [id as string, said[index]]));
  const { divergences, failedExpectations } = compareAnswers({
    ...{ targets: TARGETS, fixtures: [scenarioFixture(scenario)] },
    observation: target => byTarget.get(target),
  });
  return [...differenceLines(divergences), ...failureLines(failedExpectations)];
}

/** The answer of an XDP program, named as on its platform. */
function returning(retval: number, platform: Platform): StepObservation {
  const retvalName = returnName(retval, { platform, programType: 'xdp' });
  return step('run count', { retval: retval >>> 0, retvalName });
}

const answering = (onLinux: StepObservation, onWindows: StepObservation) =>
  [onLinux, onLinux, onWindows].map(each => played({ steps: [each] }));

describe('return values', () => {
  test('that pass a packet on both platforms agree, though the numbers differ', () => {
    expect(compare(answering(returning(2, 'linux'), returning(1, 'windows')))).toEqual([]);
  });

  test('of one number that drops on Linux and passes on Windows diverge', () => {
    expect(compare(answering(returning(1, 'linux'), returning(1, 'windows')))).toEqual([
      '≠ step run count retval: XDP_DROP | XDP_DROP | XDP_PASS',
    ]);
  });

  test('are expected by name on either platform', () => {
    const said = answering(returning(2, 'linux'), returning(1, 'windows'));
    const expecting = (retval: string | number) =>
      compare(said, { steps: [{ ...RUN, expect: { retval } }] });
    expect(expecting('XDP_PASS')).toEqual([]);
    expect(expecting(2)).toEqual([
      'windows@1.5: step run count retval: 2 <> XDP_PASS at :6 (steps[0].expect.retval)',
    ]);
  });

  test('that are errors agree by what they mean', () => {
    const missing = answering(returning(-2, 'linux'), returning(-19, 'windows'));
    expect(compare(missing)).toEqual([]);
    expect(compare(missing, { steps: [{ ...RUN, expect: { retval: '-ENOENT' } }] })).toEqual([]);
    expect(compare(answering(returning(-2, 'linux'), returning(-6, 'windows')))).toEqual([
      '≠ step run count retval: -ENOENT | -ENOENT | -EBPF_INVALID_ARGUMENT',
    ]);
  });
});

describe('errors of steps', () => {
  const remove = { delete: 'counts', key: 7 };
  const failing = (onLinux: string, onWindows: string) =>
    answering(fail('delete counts', onLinux), fail('delete counts', onWindows));

  test('agree by what they mean, and are expected by the name of either', () => {
    const said = failing('ENOENT', 'EBPF_KEY_NOT_FOUND');
    const missing = { steps: [{ ...remove, expect: { errno: 'ENOENT' } }] };
    expect(compare(said, missing)).toEqual([]);
    const byOther = { steps: [{ ...remove, expect: { errno: 'EBPF_KEY_NOT_FOUND' } }] };
    expect(compare(said, byOther)).toEqual([]);
  });

  test('that mean something else diverge', () => {
    const said = failing('E2BIG', 'EBPF_KEY_NOT_FOUND');
    const allowed = { steps: [{ ...remove, expect: { on: 'linux', errno: 'E2BIG' } }] };
    expect(compare(said, allowed)).toContain(
      '≠ step delete counts errno: E2BIG | E2BIG | EBPF_KEY_NOT_FOUND',
    );
  });
});

describe('what helpers answered, kept in a variable,', () => {
  const keeping = (...numbers: readonly number[]) =>
    numbers.map(failure => played({ maps: { '.bss': variables({ failure }) } }));

  test('is expected by the name of an error', () => {
    const expecting = (failure: string) =>
      compare(keeping(-2, -2, -19), { steps: [], expect: { variables: { failure } } });
    expect(expecting('-ENOENT')).toEqual([
      '~ variable failure: -2 | -2 | -19 (-ENOENT) at (expect.variables.failure)',
    ]);
    expect(expecting('-EBPF_KEY_NOT_FOUND')).toHaveLength(1);
    expect(expecting('-EINVAL')).toContain(
      'windows@1.5: variable failure: -EINVAL <> -19 at :5 (expect.variables.failure)',
    );
  });

  test('is another number where nothing says that it is an error', () => {
    const [told] = compare(keeping(-2, -2, -19), { steps: [] });
    expect(told).toMatch(/^≠ .*failure: -2 \| -2 \| -19$/);
  });

  test('is by its own name alone within a platform', () => {
    const full = { steps: [], expect: { variables: { failure: '-E2BIG' } } };
    expect(compare(keeping(-7, -28, -29), full)).toContain(
      'linux@6.12: variable failure: -E2BIG <> -28 at :5 (expect.variables.failure)',
    );
  });
});

describe('reasons', () => {
  const refusing = (...reasons: readonly string[]) =>
    compare(
      reasons.map(reason => played({ programs: { count: rejected(reason) } })),
      { steps: [] },
    ).filter(line => !line.includes('accept <> reject'));
  const PACKET = 'invalid access to packet, off=12 size=1, R1(id=0,off=12,r=0)';
  const UPPER =
    'Upper bound must be at most packet_size (valid_access(r1.offset+12, width=1) for read)';

  test('of two verifiers agree by their class', () => {
    expect(refusing(PACKET, PACKET, UPPER)).toEqual([]);
  });

  test('of different classes diverge', () => {
    const [told] = refusing(PACKET, PACKET, 'Possible null access (valid_access(r0.offset))');
    expect(told).toMatch(/^≠ count reason: invalid access to packet.* \| Possible null access/);
  });

  test('within Linux compare word for word, whatever Windows says', () => {
    const other = 'R1 min value is outside of the allowed memory range';
    expect(refusing(PACKET, other, UPPER)).toHaveLength(1);
  });

  test('that nobody knows agree with none', () => {
    expect(refusing('something', 'something', 'something else')).toHaveLength(1);
  });
});

test('what maps hold compares by value across platforms as on one', () => {
  const holding = (value: number) => played({ maps: { counts: contents({ 53: value }) } });
  expect(compare([holding(7), holding(7), holding(7)], { steps: [] })).toEqual([]);
  expect(compare([holding(7), holding(7), holding(9)], { steps: [] })).toEqual([
    '≠ map counts[53]: 7 | 7 | 9',
  ]);
});
