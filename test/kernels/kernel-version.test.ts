import { expect, test } from 'vitest';
import { compareDebianVersions } from '../../harness/kernels/debian-version.ts';
import {
  compareKernelVersions,
  isCandidate,
  parseKernelVersion,
  seriesOf,
  upstreamOfPackage,
  upstreamOfRelease,
} from '../../harness/kernels/kernel-version.ts';
import { REAL_BUILDS } from './real-builds.ts';

test('reads the names of several distributions', () => {
  expect(parseKernelVersion('6.12.107+deb13-cloud-amd64')).toEqual({
    ...{ major: 6, minor: 12, patch: 107 },
    suffix: '+deb13-cloud-amd64',
  });
  expect(parseKernelVersion('6.8.0-1052-azure')).toMatchObject({ patch: 0, suffix: '-1052-azure' });
  expect(parseKernelVersion('7.3-rc4')).toMatchObject({ major: 7, minor: 3, candidate: 4 });
  expect(parseKernelVersion('7.3~rc7')).toMatchObject({ candidate: 7, suffix: '' });
  expect(parseKernelVersion('7.3.0-rc4-next-20261120')).toMatchObject({
    candidate: 4,
    suffix: '-next-20261120',
  });
});

test.each(['', 'latest', '6', '6.1.2.3', 'bullseye'])('"%s" is no version', text => {
  expect(parseKernelVersion(text)).toBeUndefined();
});

test.each([
  ['5.10.262', '6.1.170'],
  ['6.9', '6.12'],
  ['6.12.9', '6.12.107'],
  ['7.3-rc7', '7.3'],
  ['7.3-rc7', '7.3.4'],
  ['7.3-rc4', '7.3~rc7'],
  ['7.3~rc9', '7.3-rc10'],
  ['6.1.0-9-cloud-amd64', '6.1.0-56-cloud-amd64'],
  ['6.12.90+deb13-cloud-amd64', '6.12.90+deb13.1-cloud-amd64'],
  ['6.8.0-1052-azure', '6.8.0-1100-azure'],
  ['not a version', '5.10'],
])('%s is older than %s', (older, newer) => {
  expect(compareKernelVersions(older, newer)).toBeLessThan(0);
  expect(compareKernelVersions(newer, older)).toBeGreaterThan(0);
});

test('two spellings of one candidate are equal', () => {
  expect(compareKernelVersions('7.3-rc7', '7.3~rc7')).toBe(0);
  expect(compareKernelVersions('v6.12', '6.12.0')).toBe(0);
});

test('upstream versions order as the packages that they are in', () => {
  const byPackage = [...REAL_BUILDS].sort((a, b) => compareDebianVersions(a[2], b[2]));
  const upstream = byPackage.map(([version]) => version);
  expect([...upstream].sort(compareKernelVersions)).toEqual(upstream);
});

test('a release name can hide its upstream version; the package tells', () => {
  for (const [upstream, release, packageVersion] of REAL_BUILDS) {
    expect(upstreamOfPackage(packageVersion)).toBe(upstream);
    expect(seriesOf(release)).toBe(seriesOf(upstream));
  }
  expect(upstreamOfPackage('6.1.192-2')).toBe('6.1.192');
  expect(upstreamOfPackage('7.3~rc7-1~exp1')).toBe('7.3-rc7');
});

test('says what it can of a release name alone', () => {
  expect(upstreamOfRelease('6.12.107+deb13-cloud-amd64')).toBe('6.12.107');
  expect(upstreamOfRelease('7.3-rc4')).toBe('7.3-rc4');
  expect(upstreamOfRelease('odd')).toBe('odd');
  expect(isCandidate('7.3-rc4')).toBe(true);
  expect(isCandidate('7.3.4')).toBe(false);
});
