import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  AGREEMENT_TARGETS,
  missesOf,
  type Pair,
  pairUp,
  predict,
  reasonFor,
  unusedReasons,
} from '../support/agreement.ts';
import { findDebianObjects, runDebianObjects } from '../support/debian-objects.ts';
import { runBootedSuite } from '../support/suite.ts';
import { MISSES } from './check-misses.ts';

let pairs: readonly Pair[];

/** What kernels say is shared with other tests: the suite's own, and the one of Debian's objects. */
beforeAll(async () => {
  const suite = await runBootedSuite();
  const found = await findDebianObjects();
  const debian = found.filter(({ programs }) => programs.length > 0);
  const checked = await predict([
    ...suite.fixtures.map(({ id, object, types }) => ({
      ...{ id: path.basename(id), types, bytes: object },
    })),
    ...debian,
  ]);
  pairs = [suite.report, await runDebianObjects(found)].flatMap(each => pairUp(each, checked));
}, 1_800_000);

test('check agrees with what kernels say of at least 98.5 % of programs', async ({ annotate }) => {
  const missed = missesOf(pairs).length;
  const share = 1 - missed / pairs.length;
  await annotate(`${(100 * share).toFixed(2)} % of ${pairs.length} pairs, ${missed} missed`);
  expect(pairs.length).toBeGreaterThan(4000);
  expect(share).toBeGreaterThanOrEqual(0.985);
});

describe.each(AGREEMENT_TARGETS)('%s', target => {
  test('each miss is listed with why', () => {
    const missed = missesOf(pairs).filter(each => each.target === target);
    expect(missed.filter(({ program }) => reasonFor(program, MISSES) === undefined)).toEqual([]);
  });
});

test('what is listed is missed', () => {
  expect(unusedReasons(pairs, MISSES)).toEqual([]);
});

test('nothing is said to stop that loads: what check names is a reason', () => {
  expect(missesOf(pairs).filter(({ measured }) => measured === 'loads')).toEqual([]);
});
