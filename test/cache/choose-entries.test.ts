import { expect, test } from 'vitest';
import type { CacheEntry } from '../../harness/cache/cache-entry.ts';
import {
  chooseUnused,
  excessBytes,
  inOrderOfEviction,
} from '../../harness/cache/choose-entries.ts';

const DAY = 86_400_000;
const NOW = 100 * DAY;

/** An entry that was used some days ago. */
function entry(path: string, days: number, rest: Partial<CacheEntry> = {}): CacheEntry {
  const lastUsed = NOW - days * DAY;
  return { kind: 'snapshot', path, bytes: 10, lastUsed, superseded: false, ...rest };
}

const paths = (entries: readonly CacheEntry[]) => entries.map(({ path }) => path);

test('unused is what nobody used for 30 days, or for one where it is superseded', () => {
  const old = { superseded: true };
  const entries = [
    ...[entry('young', 29), entry('old', 31), entry('image', 31, { kind: 'image' })],
    ...[entry('replaced today', 0.5, old), entry('replaced', 2, old)],
  ];
  expect(paths(chooseUnused(entries, NOW))).toEqual(['old', 'image', 'replaced']);
});

test('superseded goes first, then snapshots, then the rest; the oldest first in each', () => {
  const entries = [
    ...[entry('image', 20, { kind: 'image' }), entry('object', 5, { kind: 'other' })],
    ...[entry('snapshot', 1), entry('older snapshot', 2)],
    ...[entry('replaced', 0, { superseded: true })],
  ];
  expect(paths(inOrderOfEviction(entries))).toEqual([
    ...['replaced', 'older snapshot', 'snapshot', 'image', 'object'],
  ]);
});

test('what cannot be removed counts too', () => {
  const survey = { entries: [entry('a', 1), entry('b', 1)], fixedBytes: 5 };
  expect([excessBytes(survey, 20), excessBytes(survey, 25)]).toEqual([5, 0]);
});
