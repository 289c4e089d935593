import type { KernelReference } from './kernel.ts';
import { parseKernelVersion } from './kernel-version.ts';

/** A suite of Debian's archive, and which kernels can be in it. */
export interface Suite {
  readonly name: string;
  /** Security suites are in an archive of their own, often on another mirror. */
  readonly archive: 'main' | 'security';
  /** The oldest series that it can hold: the release's own. Development suites only move up. */
  readonly from: string;
  /** The newest series, for suites that take no newer ones any more. */
  readonly to?: string;
}

/**
 * All suites with kernels, oldest first. The ranges are what their releases ship: a stable release keeps
 * its series, security brings the next release's kernel to the one before. They only say where to look
 * first; whatever is not found there is looked for everywhere.
 */
export const SUITES: readonly Suite[] = [
  { name: 'bullseye', archive: 'main', from: '5.10', to: '5.10' },
  { name: 'bullseye-security', archive: 'security', from: '5.10', to: '6.1' },
  { name: 'bookworm', archive: 'main', from: '6.1', to: '6.1' },
  { name: 'bookworm-security', archive: 'security', from: '6.1', to: '6.12' },
  { name: 'bookworm-backports', archive: 'main', from: '6.3', to: '6.12' },
  { name: 'trixie', archive: 'main', from: '6.12', to: '6.12' },
  { name: 'trixie-security', archive: 'security', from: '6.12' },
  { name: 'trixie-backports', archive: 'main', from: '6.13' },
  { name: 'forky', archive: 'main', from: '7.2' },
  { name: 'sid', archive: 'main', from: '7.2' },
  { name: 'experimental', archive: 'main', from: '7.3' },
];

/** The suites that can hold the newest build for a name, so that the lists of others need not be fetched. */
export function likelySuites(reference: KernelReference): readonly Suite[] {
  const [lowest, highest] = seriesRange(reference);
  return SUITES.filter(
    ({ from, to }) =>
      seriesNumber(from) <= highest &&
      (to === undefined ? Number.POSITIVE_INFINITY : seriesNumber(to)) >= lowest,
  );
}

function seriesRange(reference: KernelReference): [number, number] {
  switch (reference.kind) {
    case 'series': {
      const series = seriesNumber(reference.series);
      return [series, series];
    }
    case 'build': {
      const series = seriesNumber(reference.version);
      return [series, series];
    }
    case 'major':
      return [reference.major * 1000, reference.major * 1000 + 999];
    default:
      return [0, Number.POSITIVE_INFINITY];
  }
}

/** `6.12` as 6012: an order of series. */
function seriesNumber(version: string): number {
  const parsed = parseKernelVersion(version);
  return parsed === undefined ? 0 : parsed.major * 1000 + parsed.minor;
}
