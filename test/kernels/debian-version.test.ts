import { expect, test } from 'vitest';
import { compareDebianVersions, upstreamPart } from '../../harness/kernels/debian-version.ts';
import { REAL_BUILDS } from './real-builds.ts';

test.each([
  ['1.0', '1.0', 0],
  ['1.0~rc1', '1.0', -1],
  ['7.3~rc7-1~exp1', '7.3.4-1~bpo13+1', -1],
  ['7.3~rc7-1~exp1', '7.3-1', -1],
  ['6.12.43-1~bpo12+1', '6.12.43-1', -1],
  ['6.12.107-1~deb12u1', '6.12.107-1', -1],
  ['6.12.107-1~bpo12+1', '6.12.107-1~deb12u1', -1],
  ['6.12.90-1', '6.12.90-2', -1],
  ['6.12.9-1', '6.12.10-1', -1],
  ['6.1.192-2', '6.12.43-1~bpo12+1', -1],
  ['1:1.0', '2.0', 1],
  ['1.0-1', '1.0', 1],
  ['1.0a', '1.0+', -1],
  ['007', '7', 0],
])('%s against %s', (left, right, order) => {
  expect(Math.sign(compareDebianVersions(left, right))).toBe(order);
  expect(Math.sign(compareDebianVersions(right, left))).toBe(0 - order);
});

test('a sort of real versions does not depend on the order that they come in', () => {
  const versions = REAL_BUILDS.map(([, , version]) => version);
  const sorted = [...versions].sort(compareDebianVersions);
  const backwards = [...versions].reverse().sort(compareDebianVersions);
  expect(backwards).toEqual(sorted);
  expect(sorted[0]).toBe('5.10.218-1');
  expect(sorted.at(-1)).toBe('7.3.4-1~bpo13+1');
});

test('the upstream part keeps its own dashes', () => {
  expect(upstreamPart('1:2.0-rc1-3')).toBe('2.0-rc1');
  expect(upstreamPart('7.3~rc7-1~exp1')).toBe('7.3~rc7');
});
