import { nearest } from '../config/nearest.ts';
import { parseTargetName } from '../config/target-name.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import { compareKernelVersions, seriesOf, upstreamOfRelease } from '../kernels/kernel-version.ts';
import type { LinuxTable } from './linux-table.ts';
import type { WindowsTable } from './windows-table.ts';

/** A version that tables say something of. */
export interface CheckTarget {
  /** As it was named: `linux@6.12`, `windows@1.5`. */
  readonly id: string;
  readonly platform: 'linux' | 'windows';
  /** `6.12`, `6.12.43`, `1.5.0`. */
  readonly version: string;
}

export interface Tables {
  readonly linux: LinuxTable;
  readonly windows: WindowsTable;
}

/** Every series of Linux that was probed. */
export function allSeries({ linux }: Tables): CheckTarget[] {
  return linux.series.map(version => ({ id: `linux@${version}`, platform: 'linux', version }));
}

/**
 * What there is to check for the targets of a configuration: a machine with Windows stands for the newest release of eBPF
 * for Windows, and of a Linux machine or a kernel file nothing is known.
 */
export function checkedTargets(names: readonly string[], tables: Tables): CheckTarget[] {
  return names.flatMap(name => {
    if (/^windows-/.test(name)) return [parseCheckTarget('windows', tables)];
    const isVersion = /^(?:linux|windows)@/.test(name);
    return isVersion ? [parseCheckTarget(name.replace(/(?:\/\w+)?(?:\+\w+)?$/, ''), tables)] : [];
  });
}

/** Why nothing is known of a version of Linux; undefined where it lies among those that were probed. */
export function whyUnknown(
  { platform, version }: CheckTarget,
  { linux }: Tables,
): string | undefined {
  const [oldest = '', newest = ''] = [linux.series[0], linux.series.at(-1)];
  if (platform !== 'linux') return undefined;
  const series = seriesOf(version);
  if (compareKernelVersions(series, oldest) < 0) return `no kernel before ${oldest} was probed`;
  return compareKernelVersions(series, newest) > 0
    ? `no kernel after ${newest} was probed`
    : undefined;
}

/**
 * Reads the name of a target to check for.
 *
 * @throws CrossbpfError `USAGE_BAD_TARGET` for a name that names no version, or one that no table knows.
 */
export function parseCheckTarget(text: string, tables: Tables): CheckTarget {
  const windows = /^windows(?:@v?(\d+(?:\.\d+){0,2}))?$/.exec(text);
  if (windows !== null) return windowsTarget(text, windows[1], tables.windows);
  const target = parseTargetName(text, 'amd64');
  if (target.kind !== 'linux-vm' || target.kernel.kind === 'file') {
    throw badTarget(text, 'check knows versions, and no machine and no file', 'linux@6.12');
  }
  const { kernel } = target;
  const { series } = tables.linux;
  switch (kernel.kind) {
    case 'series':
      return linuxTarget(text, kernel.series, series);
    case 'build':
      return linuxTarget(text, upstreamOfRelease(kernel.version), series);
    case 'latest':
      return linuxTarget(text, series.at(-1), series);
    case 'major': {
      const own = series.filter(each => each.startsWith(`${kernel.major}.`));
      return linuxTarget(text, own.at(-1), series);
    }
  }
}

function linuxTarget(
  id: string,
  version: string | undefined,
  series: readonly string[],
): CheckTarget {
  if (version !== undefined) return { id, platform: 'linux', version };
  throw badTarget(id, 'no kernel of it was probed', `linux@${series.at(-1)}`);
}

function windowsTarget(id: string, named: string | undefined, table: WindowsTable): CheckTarget {
  const newest = table.versions.at(-1) ?? '';
  const version = named === undefined ? newest : table.versions.find(each => isPart(named, each));
  if (version !== undefined) return { id, platform: 'windows', version };
  const known = table.versions.map(each => `windows@${each.replace(/\.0$/, '')}`);
  throw badTarget(
    id,
    `the table has ${known.join(', ')}`,
    nearest(id, known) ?? known.at(-1) ?? '',
  );
}

/** `1.5` is `1.5.0`, `1.2` is `1.2.1`. */
function isPart(named: string, version: string): boolean {
  return version === named || version.startsWith(`${named}.`);
}

function badTarget(id: string, why: string, suggestion: string): CrossbpfError {
  return new CrossbpfError({
    code: 'USAGE_BAD_TARGET',
    target: id,
    message: `nothing can be said of it without running it: ${why}`,
    hint: `Try ${suggestion}.`,
  });
}
