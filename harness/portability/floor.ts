import { compareKernelVersions } from '../kernels/kernel-version.ts';
import { isUsable, type Prediction } from './prediction.ts';

/** The prediction for each version of a table, oldest first. */
export type ByVersion = readonly { readonly version: string; readonly prediction: Prediction }[];

/** From where on something loads. */
export interface Floor {
  /** The oldest version that it loads on, and on all newer ones that were looked at; null for none. */
  readonly version: string | null;
  /** `Linux 5.17`, `Linux after 6.1, by 6.12`, `Linux 5.10 or before`, `no Linux that was probed`. */
  readonly text: string;
  /** What could not be known of versions that it may load on. */
  readonly open: boolean;
  /** The versions that were looked at and that it can be used on. */
  readonly usable: readonly string[];
}

const EXACT = /^Linux (\d+\.\d+)$/;

/** The floor of one program on Linux. */
export function linuxFloor(versions: ByVersion): Floor {
  const first = firstLoading(versions);
  const known = {
    open: versions.some(({ prediction }) => prediction.outcome === 'unknown'),
    usable: usableOf(versions),
  };
  const at = versions[first];
  if (at === undefined) return { version: null, text: nowhere(versions, 'Linux'), ...known };
  const before = versions[first - 1];
  if (before === undefined)
    return { version: at.version, text: `Linux ${at.version} or before`, ...known };
  const reasons = before.prediction.stops.map(({ since }) => EXACT.exec(since ?? '')?.[1]);
  const exact = reasons.length > 0 && reasons.every(reason => reason !== undefined);
  const newest = exact ? reasons.toSorted((a, b) => compareKernelVersions(a ?? '', b ?? '')) : [];
  const version = newest.at(-1);
  return version === undefined
    ? { version: at.version, text: `Linux after ${before.version}, by ${at.version}`, ...known }
    : { version, text: `Linux ${version}`, ...known };
}

/** The floor of one program on eBPF for Windows. */
export function windowsFloor(versions: ByVersion): Floor {
  const at = versions[firstLoading(versions)];
  const name = 'eBPF for Windows';
  const known = { open: false, usable: usableOf(versions) };
  if (at === undefined) return { version: null, text: `not on Windows`, ...known };
  const [oldest] = versions;
  const before = at === oldest ? ' or before' : '';
  return { version: at.version, text: `${name} ${short(at.version)}${before}`, ...known };
}

/** The floor of a set is the highest of its programs; of one that newer versions do not load, what all of them share. */
export function floorOfSet(floors: readonly Floor[]): Floor | null {
  const [first] = floors;
  if (first === undefined) return null;
  const known = {
    open: floors.some(floor => floor.open),
    usable: first.usable.filter(version => floors.every(({ usable }) => usable.includes(version))),
  };
  const gone = floors.filter(({ version }) => version === null);
  const [nowhere = gone[0]] = gone.filter(({ usable }) => usable.length === 0);
  if (nowhere === undefined) {
    const highest = floors.toSorted((a, b) =>
      compareKernelVersions(a.version ?? '', b.version ?? ''),
    );
    return { ...(highest.at(-1) ?? first), ...known };
  }
  if (nowhere.usable.length === 0) return { ...nowhere, ...known };
  const text =
    known.usable.length === 0 ? 'no Linux for all of them' : range('Linux', known.usable);
  return { version: null, text, ...known };
}

function usableOf(versions: ByVersion): string[] {
  return versions.flatMap(({ version, prediction }) => (isUsable(prediction) ? [version] : []));
}

function range(platform: string, usable: readonly string[]): string {
  const [first] = usable;
  const last = usable.at(-1);
  return `${platform} ${first === last ? `${last} alone` : `${first} to ${last}`}`;
}

/** The index from which on all versions load it; -1 where the newest does not. */
function firstLoading(versions: ByVersion): number {
  const stopping = versions.findLastIndex(({ prediction }) => !isUsable(prediction));
  return stopping === versions.length - 1 ? -1 : stopping + 1;
}

function nowhere(versions: ByVersion, platform: string): string {
  const usable = usableOf(versions);
  if (usable.length > 0) return range(platform, usable);
  const unknown = versions.some(({ prediction }) => prediction.outcome === 'unknown');
  return unknown ? 'unknown' : `no ${platform} that was probed`;
}

/** `1.5` of `1.5.0`. */
function short(version: string): string {
  return version.replace(/\.0$/, '');
}
