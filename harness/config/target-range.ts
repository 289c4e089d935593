import { CrossbpfError } from '../crossbpf-error.ts';
import { compareKernelVersions, parseKernelVersion } from '../kernels/kernel-version.ts';

/** Some targets, as a scenario names them: `linux >=5.17`, `linux <5.17 >=5.10`, `windows`. */
export interface TargetRange {
  readonly platform: 'linux' | 'windows';
  /** All of them must hold. */
  readonly bounds: readonly VersionBound[];
}

export interface VersionBound {
  readonly operator: '<' | '<=' | '>' | '>=' | '=';
  readonly version: string;
}

/** What a range is held against: the upstream version of a kernel, or that of eBPF for Windows. */
export interface RangeSubject {
  readonly platform: 'linux' | 'windows';
  /** Null when it is not known: then only a range without bounds fits. */
  readonly upstream: string | null;
}

/** Reads a range; a version without an operator means that one. Fails with USAGE_BAD_RANGE. */
export function parseTargetRange(text: string): TargetRange {
  const [platform, ...rest] = text.trim().split(/\s+/);
  if (platform !== 'linux' && platform !== 'windows') {
    throw badRange(text, 'it does not start with linux or windows');
  }
  // A blank may follow an operator: `linux >= 5.17`.
  const bounds = rest.join(' ').replace(/([<>=])\s+/g, '$1');
  return {
    platform,
    bounds: bounds === '' ? [] : bounds.split(' ').map(bound => parseBound(bound, text)),
  };
}

function parseBound(bound: string, text: string): VersionBound {
  const pattern = /^(<=|>=|<|>|=)?(\d+(?:\.\d+){0,2}(?:-rc\d+)?)$/;
  const [, operator = '=', version] = pattern.exec(bound) ?? [];
  if (version === undefined) {
    throw badRange(text, `${bound} is no bound`);
  }
  return { operator: operator as VersionBound['operator'], version };
}

/**
 * Whether a target is in a range. A bound counts in the parts that it names: 6.12.117 is in `=6.12` and in
 * `<=6.12`, not in `>6.12`; 7.3-rc7 is in `>=7.3`, as what a series brings is there from its first candidate.
 */
export function matchesTargetRange(range: TargetRange, subject: RangeSubject): boolean {
  const { platform, upstream } = subject;
  const fits = (bound: VersionBound) => upstream !== null && holds(bound, upstream);
  return range.platform === platform && range.bounds.every(fits);
}

function holds({ operator, version: bound }: VersionBound, version: string): boolean {
  const order = compareKernelVersions(cut(version, bound), padded(bound));
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    default:
      return order === 0;
  }
}

/** A version in as many parts as the bound has, without what a distribution appended. */
function cut(version: string, bound: string): string {
  const parsed = parseKernelVersion(padded(version));
  if (parsed === undefined) {
    return version;
  }
  const { major, minor, patch, candidate } = parsed;
  const parts = bound.split('-')[0]?.split('.').length ?? 0;
  const numbers = [major, parts > 1 ? minor : 0, parts > 2 ? patch : 0].join('.');
  const isExact = parts > 2 || bound.includes('-rc');
  return candidate !== undefined && isExact ? `${numbers}-rc${candidate}` : numbers;
}

/** `7` as `7.0`: the comparator wants two parts at least. */
function padded(version: string): string {
  return /^\d+$/.test(version) ? `${version}.0` : version;
}

function badRange(text: string, why: string): CrossbpfError {
  return new CrossbpfError({
    code: 'USAGE_BAD_RANGE',
    message: `not a range of targets: "${text}": ${why}`,
    hint: 'Write it like "linux >=5.17", "linux <5.17 >=5.10" or "windows".',
  });
}
