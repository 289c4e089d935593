import { expect, test } from 'vitest';
import { nearest } from '../../harness/config/nearest.ts';

test.each([
  ['target', 'targets'],
  ['fixtres', 'fixtures'],
  ['Matrix', 'matrix'],
  ['qqqqqqqq', undefined],
])('%s is nearest to %s', (word, expected) => {
  expect(nearest(word, ['targets', 'fixtures', 'matrix'])).toBe(expected);
});
