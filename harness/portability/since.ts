import { compareKernelVersions } from '../kernels/kernel-version.ts';
import type { Fact, LinuxTable } from './linux-table.ts';
import { upstreamVersion } from './upstream-versions.ts';

/** Since when, or until when, Linux has something, and where that is known from. */
export interface Since {
  /** `Linux 5.17`, `after 5.10, by 6.1`, `not in 7.3 or before`. */
  readonly text: string;
  readonly source: string;
}

/**
 * Since when Linux has something. The version is upstream's where it is documented and agrees with what the builds of
 * the table said; else it is a range between two series that were probed.
 */
export function sinceOf(table: LinuxTable, fact: Fact): Since | null {
  const kind = 'kind' in fact ? fact.kind : null;
  return table.once(`since ${fact.list} ${fact.name} ${kind}`, () => findSince(table, fact));
}

function findSince(table: LinuxTable, fact: Fact): Since | null {
  const present = table.presence(fact);
  const { series } = table;
  const first = series.findIndex(each => present.has(each));
  if (first < 0) return { text: `not in ${series.at(-1)} or before`, source: 'probed' };
  const from = series[first] ?? '';
  const last = series.findLastIndex(each => present.has(each));
  const gone = series[last + 1];
  const until = gone === undefined ? '' : `, gone by ${gone}`;
  const previous = series[first - 1];
  const documented = upstreamVersion(fact);
  if (documented !== undefined && isBetween(documented.version, previous, from)) {
    return { text: `Linux ${documented.version}${until}`, source: documented.source };
  }
  if (previous === undefined) return { text: `Linux ${from} or before${until}`, source: 'probed' };
  return { text: `after ${previous}, by ${from}${until}`, source: 'probed' };
}

/** Whether a version lies behind one series and not behind another. */
function isBetween(version: string, previous: string | undefined, by: string): boolean {
  const late = previous === undefined || compareKernelVersions(version, previous) > 0;
  return late && compareKernelVersions(version, by) <= 0;
}

export type Support = 'yes' | 'no' | 'unknown';

/** Whether a version of Linux has something: as its own series was probed, else as its neighbours agree or upstream says. */
export function supportIn(table: LinuxTable, version: string, fact: Fact): Support {
  const present = table.presence(fact);
  const { before, after } = table.neighbours(version);
  if (before === after && before !== null) return present.has(before) ? 'yes' : 'no';
  const documented = upstreamVersion(fact);
  if (documented !== undefined && present.size > 0 && (after === null || present.has(after))) {
    return compareKernelVersions(version, documented.version) >= 0 ? 'yes' : 'no';
  }
  if (before === null || after === null) return 'unknown';
  if (present.has(before) !== present.has(after)) return 'unknown';
  return present.has(before) ? 'yes' : 'no';
}
