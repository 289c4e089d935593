import { expect, test } from 'vitest';
import { chooseBuild, unknownKernel } from '../../harness/kernels/choose-build.ts';
import type { KernelBuild } from '../../harness/kernels/kernel-build.ts';
import { likelySuites } from '../../harness/kernels/suites.ts';
import { REAL_BUILDS } from './real-builds.ts';

const BUILDS: KernelBuild[] = REAL_BUILDS.map(([upstream, release, packageVersion]) => ({
  ...{ upstream, release, packageVersion, suites: [] },
  packages: [
    { name: release, role: 'kernel', url: '', size: 1, installedSize: 1, sha256: '0'.repeat(64) },
  ],
}));

test.each([
  ['5.10', '5.10.0-46-cloud-amd64'],
  ['6.1', '6.1.0-56-cloud-amd64'],
  ['6.12', '6.12.117+deb13-cloud-amd64'],
  ['6.18', '6.18.15+deb13-cloud-amd64'],
  ['7.2', '7.2.13+deb14-cloud-amd64'],
  ['7.3', '7.3.4+deb13-cloud-amd64'],
])('the newest of series %s is %s', (series, release) => {
  expect(chooseBuild({ kind: 'series', series }, BUILDS)?.release).toBe(release);
});

test('a candidate counts only where nothing else of the series is there', () => {
  const candidateOnly = BUILDS.filter(({ upstream }) => upstream !== '7.3.4');
  const series = { kind: 'series', series: '7.3' } as const;
  expect(chooseBuild(series, candidateOnly)?.upstream).toBe('7.3-rc7');
  expect(chooseBuild({ kind: 'major', major: 7 }, candidateOnly)?.upstream).toBe('7.2.13');
  expect(chooseBuild({ kind: 'latest' }, candidateOnly)?.upstream).toBe('7.2.13');
});

test('a major version is its newest series', () => {
  expect(chooseBuild({ kind: 'major', major: 6 }, BUILDS)?.upstream).toBe('6.19.14');
  expect(chooseBuild({ kind: 'latest' }, BUILDS)?.upstream).toBe('7.3.4');
});

test.each([
  ['6.12.43', '6.12.43+deb12-cloud-amd64'],
  // Four builds of it: the newest package wins.
  ['6.12.90', '6.12.90+deb13.1-cloud-amd64'],
  ['6.1.192', '6.1.0-56-cloud-amd64'],
  ['7.3-rc7', '7.3-cloud-amd64'],
  ['7.3~rc7', '7.3-cloud-amd64'],
  ['6.12.90+deb12-cloud-amd64', '6.12.90+deb12-cloud-amd64'],
  ['6.1.0-56-cloud-amd64', '6.1.0-56-cloud-amd64'],
])('build %s is %s', (version, release) => {
  expect(chooseBuild({ kind: 'build', version }, BUILDS)?.release).toBe(release);
});

test('the order of the builds makes no difference', () => {
  const backwards = [...BUILDS].reverse();
  expect(chooseBuild({ kind: 'build', version: '6.12.117' }, backwards)).toBe(
    chooseBuild({ kind: 'build', version: '6.12.117' }, BUILDS),
  );
});

test.each([
  [{ kind: 'series', series: '6.15' }, 'nearest: 6.12, 6.16'],
  [{ kind: 'series', series: '5.4' }, 'nearest: 5.10'],
  [{ kind: 'major', major: 9 }, 'nearest: 7.3'],
  [{ kind: 'build', version: '6.12.44' }, 'nearest: 6.12.43, 6.12.57'],
] as const)('an unknown kernel is told with its neighbours: %o', (reference, near) => {
  expect(chooseBuild(reference, BUILDS)).toBeUndefined();
  const error = unknownKernel(reference, BUILDS);
  expect(error.code).toBe('USAGE_UNKNOWN_KERNEL');
  expect(error.summary).toContain(near);
  expect(error.summary).toContain('crossbpf kernels');
});

test('only the lists of suites that can hold a series are asked for first', () => {
  const names = (series: string) =>
    likelySuites({ kind: 'series', series }).map(suite => suite.name);
  expect(names('5.10')).toEqual(['bullseye', 'bullseye-security']);
  expect(names('6.1')).toEqual(['bullseye-security', 'bookworm', 'bookworm-security']);
  expect(names('6.16')).toEqual(['trixie-security', 'trixie-backports']);
  expect(names('7.3')).toContain('experimental');
});
