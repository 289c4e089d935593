import { describe, expect, test } from 'vitest';
import '../../harness/vitest/index.ts';
import { fail, RUN, reportScenario } from '../support/compare-scenario.ts';
import { contents, played, step, variables } from '../support/scenario-fixture.ts';

const target = 'linux@5.10';
const report = reportScenario({ steps: [RUN, { update: 'counts', key: 1, value: 1 }] }, [
  played({
    steps: [
      step('run count', { retval: 4294967295, retvalName: '-EPERM' }),
      fail('update counts', 'E2BIG'),
    ],
    maps: { counts: contents({ 53: 7, 80: 1 }), '.bss': variables({ hits: 3 }) },
  }),
]);

describe('a report', () => {
  test.each([-1, 4294967295, '-EPERM'])('returns %s', retval => {
    expect(report).toReturnFrom('run count', { retval, target });
  });

  test('holds what was expected of it', () => {
    expect(report).toHold('counts', {
      value: { contains: [{ key: 53, value: { atLeast: 5 } }] },
      target,
    });
    expect(report).toHold('hits', { value: 3, target });
    expect(report).not.toHold('hits', { value: 4, target });
  });

  test.each<[() => void, string]>([
    [
      () => expect(report).toReturnFrom('run count', { retval: 1, target }),
      'expected step run count to return 1 on linux@5.10; it returned -EPERM',
    ],
    [
      () => expect(report).toReturnFrom('update counts', { retval: 0, target }),
      'expected step update counts to return 0 on linux@5.10; it failed: update counts did not work',
    ],
    [
      () => expect(report).toReturnFrom('run cuont', { retval: 0, target }),
      'expected step run cuont to return 0 on linux@5.10; there is no such step',
    ],
    [
      () => expect(report).toHold('counts', { value: [{ key: 53, value: 8 }], target }),
      'expected otherwise of counts on linux@5.10:\n  counts[53]: expected 8, got 7\n  counts[80]: expected absent, got 1',
    ],
    [
      () => expect(report).not.toHold('hits', { value: { atMost: 3 }, target }),
      'expected hits not to be at most 3 on linux@5.10; it is 3',
    ],
    [
      () => expect(report).toHold('seen', { value: [], target }),
      'expected seen to be read on linux@5.10; it was not',
    ],
  ])('that does not says why', (attempt, message) => {
    expect(attempt).toThrow(message);
  });
});
