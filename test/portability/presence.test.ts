import { describe, expect, test } from 'vitest';
import { readPresence, writePresence } from '../../harness/portability/presence.ts';

const ALL = ['5.10', '6.1', '6.12', '6.18', '7.0'];

describe('the series that something is in', () => {
  test.each([
    [['5.10', '6.1', '6.12', '6.18', '7.0'], '5.10-'],
    [['6.12', '6.18', '7.0'], '6.12-'],
    [['6.1'], '6.1'],
    [['6.1', '6.12'], '6.1-6.12'],
    [['5.10', '6.12', '6.18'], '5.10,6.12-6.18'],
    [['5.10', '7.0'], '5.10,7.0-'],
  ])('%s is %s', (series, text) => {
    expect(writePresence(new Set(series), ALL)).toBe(text);
    expect([...readPresence(text, ALL)]).toEqual(series);
  });

  test('every set comes back as it was', () => {
    for (let bits = 1; bits < 2 ** ALL.length; bits += 1) {
      const series = ALL.filter((_, index) => bits & (1 << index));
      expect([...readPresence(writePresence(new Set(series), ALL), ALL)]).toEqual(series);
    }
  });

  test('a series without a build is an error', () => {
    expect(() => readPresence('6.6-', ALL)).toThrow(/no build of: 6.6-/);
  });
});
