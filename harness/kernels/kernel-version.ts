import { compareParts, upstreamPart } from './debian-version.ts';

/** A kernel's version in parts, from an upstream version or from what `uname -r` says. */
export interface KernelVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** `4` of `7.3-rc4`; absent for a release. */
  readonly candidate?: number;
  /** What a distribution appended: `+deb13-cloud-amd64`, `-1052-azure`. */
  readonly suffix: string;
}

const VERSION = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?:[-~]rc(\d+))?(.*)$/;

/** The parts of `6.12.107+deb13-cloud-amd64`, `6.8.0-1052-azure`, `7.3-rc4`; undefined for anything else. */
export function parseKernelVersion(text: string): KernelVersion | undefined {
  const [match, major, minor, patch, candidate, suffix = ''] = VERSION.exec(text) ?? [];
  if (match === undefined || /^[\d.]/.test(suffix)) {
    return undefined;
  }
  return {
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch ?? 0),
    ...(candidate === undefined ? {} : { candidate: Number(candidate) }),
    suffix,
  };
}

/**
 * Orders kernel versions and release names, older first: by number, a release candidate before its
 * release, then by what the distribution appended. Names that are no versions come first, by name.
 *
 * A release name can hide its upstream version (`6.1.0-56-cloud-amd64` is 6.1.192): compare builds by
 * their upstream version where it is known.
 */
export function compareKernelVersions(left: string, right: string): number {
  const a = parseKernelVersion(left);
  const b = parseKernelVersion(right);
  if (a === undefined || b === undefined) {
    return Number(a !== undefined) - Number(b !== undefined) || compareParts(left, right);
  }
  return (
    a.major - b.major ||
    a.minor - b.minor ||
    a.patch - b.patch ||
    (a.candidate ?? RELEASED) - (b.candidate ?? RELEASED) ||
    compareParts(a.suffix, b.suffix)
  );
}

const RELEASED = Number.MAX_SAFE_INTEGER;

/** `6.12` of `6.12.107+deb13-cloud-amd64`. */
export function seriesOf(version: string): string {
  const parsed = parseKernelVersion(version);
  return parsed === undefined ? version : `${parsed.major}.${parsed.minor}`;
}

/** Whether it is a release candidate, `7.3-rc7`. */
export function isCandidate(version: string): boolean {
  return parseKernelVersion(version)?.candidate !== undefined;
}

/** The upstream version of a package's: `6.1.192` of `6.1.192-2`, `7.3-rc7` of `7.3~rc7-1~exp1`. */
export function upstreamOfPackage(packageVersion: string): string {
  return upstreamPart(packageVersion).replace(/~rc/, '-rc');
}

/** The upstream version as far as a release name tells it: `6.12.107` of `6.12.107+deb13-cloud-amd64`. */
export function upstreamOfRelease(release: string): string {
  return /^\d+\.\d+(?:\.\d+)?(?:-rc\d+)?/.exec(release)?.[0] ?? release;
}
