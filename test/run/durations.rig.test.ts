import { expect, test } from 'vitest';
import { keepDurations, longestFirst, readDurations } from '../../harness/run/durations.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { fixture, ran } from '../support/fixture-builder.ts';

const fixtures = ['short', 'long', 'new'].map(id => ({ ...fixture(id, []), sha256: id }));

test('what took longest goes first, after what is new', async () => {
  await using cache = await openTempFolder('durations');
  const none = await readDurations(cache.path);
  expect(longestFirst(fixtures, none).map(({ id }) => id)).toEqual(['short', 'long', 'new']);

  const target = (times: Readonly<Record<string, number>>) => ({
    ...{ id: 'linux@6.1', upstream: '6.1.192', platform: 'linux' as const },
    observations: new Map(
      Object.entries(times).map(([id, durationMs]) => [id, { ...ran({}), durationMs }]),
    ),
  });
  const targets = [target({ short: 5, long: 20 }), target({ short: 7, long: 900 })];
  await keepDurations(cache.path, none, { fixtures, targets });

  const known = await readDurations(cache.path);
  expect(known).toEqual({ short: 7, long: 900 });
  expect(longestFirst(fixtures, known).map(({ id }) => id)).toEqual(['new', 'long', 'short']);
});
