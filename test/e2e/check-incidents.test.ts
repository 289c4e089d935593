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
import { runSuite } from '../support/suite.ts';
import { INCIDENT_MISSES } from './check-misses.ts';

let pairs: readonly Pair[];

/** Small programs in the manner of incidents that users reported: signatures, reads of the context, flags of maps. */
beforeAll(async () => {
  const patterns = ['test/e2e/incidents/*.bpf.c'];
  const { fixtures, report } = await runSuite({ fresh: false, isolation: 'target', patterns });
  const objects = fixtures.map(({ id, object }) => ({ id: path.basename(id), bytes: object }));
  pairs = pairUp(report, await predict(objects));
}, 600_000);

test('check agrees with what kernels say of at least 97 % of programs', async ({ annotate }) => {
  const missed = missesOf(pairs).length;
  const share = 1 - missed / pairs.length;
  await annotate(`${(100 * share).toFixed(2)} % of ${pairs.length} pairs, ${missed} missed`);
  expect(pairs.length).toBeGreaterThan(600);
  expect(share).toBeGreaterThanOrEqual(0.97);
});

test('kernels judge most of these programs differently, or refuse them', () => {
  const stopped = pairs.filter(({ measured }) => measured === 'stops').length;
  expect(stopped / pairs.length).toBeGreaterThan(0.4);
});

describe.each(AGREEMENT_TARGETS)('%s', target => {
  test('each miss is listed with why', () => {
    const missed = missesOf(pairs).filter(each => each.target === target);
    const unlisted = missed.filter(
      ({ program }) => reasonFor(program, INCIDENT_MISSES) === undefined,
    );
    expect(unlisted).toEqual([]);
  });
});

test('what is listed is missed', () => {
  expect(unusedReasons(pairs, INCIDENT_MISSES)).toEqual([]);
});

test('nothing is said to stop that loads: what check names is a reason', () => {
  expect(missesOf(pairs).filter(({ measured }) => measured === 'loads')).toEqual([]);
});
