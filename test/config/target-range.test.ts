import { expect, test } from 'vitest';
import { matchesTargetRange, parseTargetRange } from '../../harness/config/target-range.ts';

const linux = (upstream: string | null) => ({ platform: 'linux', upstream }) as const;
const matches = (range: string, upstream: string | null) =>
  matchesTargetRange(parseTargetRange(range), linux(upstream));

test.each([
  ['linux', '5.10.262', true],
  ['linux >=5.17', '5.17', true],
  ['linux >=5.17', '6.1.192', true],
  ['linux >=5.17', '5.16.20', false],
  ['linux >= 5.17', '5.10.262', false],
  ['linux <5.17 >=5.10', '5.10.262', true],
  ['linux <5.17 >=5.10', '5.17.1', false],
  ['linux <=6.12', '6.12.117', true],
  ['linux >6.12', '6.12.117', false],
  ['linux >6.12', '6.16.3', true],
  ['linux =6.12', '6.12.43', true],
  ['linux 6.12', '6.1.192', false],
  ['linux >=6.12.50', '6.12.43', false],
  ['linux >=6.12.50', '6.12.57', true],
  ['linux <6.12.90', '6.12.117', false],
  ['linux >=7', '6.19.14', false],
  ['linux >=7', '7.0.4', true],
  ['linux >=7.3', '7.3-rc7', true],
  ['linux >=7.3.0', '7.3-rc7', false],
  ['linux >=7.3-rc4', '7.3-rc7', true],
  ['linux >=7.3-rc8', '7.3-rc7', false],
  ['linux <7.3-rc8', '7.3.4', false],
  ['linux >=5.10', '6.8.0-1052-azure', true],
  ['windows', '6.12', false],
])('%s: %s is in it: %s', (range, upstream, expected) => {
  expect(matches(range, upstream)).toBe(expected);
});

test('Windows has versions of its own', () => {
  const range = parseTargetRange('windows >=1.4');
  expect(matchesTargetRange(range, { platform: 'windows', upstream: '1.5' })).toBe(true);
  expect(matchesTargetRange(range, { platform: 'windows', upstream: '0.21.0' })).toBe(false);
  expect(matchesTargetRange(range, { platform: 'linux', upstream: '6.12' })).toBe(false);
});

test('a version that is not known is in no range with bounds', () => {
  expect(matches('linux >=1.0', null)).toBe(false);
  expect(matches('linux', null)).toBe(true);
});

test.each(['', 'macos', 'linux >=', 'linux =>5.17', 'linux 5.x', 'linux >=5.17,<6', 'linux@6.12'])(
  '"%s" is no range',
  text => {
    expect(() => parseTargetRange(text)).toThrow(
      expect.objectContaining({ code: 'USAGE_BAD_RANGE' }),
    );
  },
);
