import { expect, test } from 'vitest';
import { compareAnswers } from '../../harness/compare/compare.ts';
import type { UserScenario } from '../../harness/scenarios/scenario-schema.ts';
import type { Json } from '../../harness/values/json.ts';
import { differenceLines, failureLines } from '../support/compare-scenario.ts';
import { played, scenarioFixture } from '../support/scenario-fixture.ts';

/** What kernels say of the map `counts`, when it has a value for each processor. */
function compare(values: readonly (readonly Json[])[], expected?: readonly number[]) {
  const value = expected === undefined ? undefined : [{ key: 53, value: [...expected] }];
  const scenario = { steps: [], ...(value && { expect: { maps: { counts: value } } }) };
  const read = scenarioFixture(scenario as UserScenario);
  const maps = read.inspected.maps.map(map => ({ ...map, type: 'percpu_hash' }));
  const targets = values.map((_, at) => {
    return { id: `linux@6.${at}`, platform: 'linux', upstream: `6.${at}` } as const;
  });
  const said = new Map(
    values.map((each, at) => {
      const counts = { kind: 'entries' as const, entries: [{ key: 53, value: [...each] }] };
      return [`linux@6.${at}`, played({ maps: { counts } })];
    }),
  );
  const fixtures = [{ ...read, inspected: { ...read.inspected, maps } }];
  const compared = compareAnswers({ targets, fixtures, observation: target => said.get(target) });
  return [...differenceLines(compared.divergences), ...failureLines(compared.failedExpectations)];
}

test('machines with as many processors have to agree on each', () => {
  expect(compare([[3], [3]])).toEqual([]);
  expect(
    compare([
      [3, 1],
      [3, 2],
    ]),
  ).toEqual(['≠ map counts[53][1]: 1 | 2']);
});

test('of a machine with more processors than another only the first is compared', () => {
  expect(compare([[3], [3, 9, 0]])).toEqual([]);
  expect(compare([[3], [4, 9, 0]])).toEqual(['≠ map counts[53][0]: 3 | 4']);
});

test('what is expected of one processor is expected of the first', () => {
  expect(compare([[3], [3, 9]], [3])).toEqual([]);
  expect(compare([[4, 9]], [3])[0]).toMatch(/^linux@6.0: map counts.*\[0\]/);
});

test('what is expected of all has to hold for all', () => {
  expect(compare([[3, 9]], [3, 9])).toEqual([]);
  expect(compare([[3, 9]], [3, 8])).toHaveLength(1);
});
