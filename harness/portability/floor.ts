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
}

const EXACT = /^Linux (\d+\.\d+)$/;

/** The floor of one program on Linux. */
export function linuxFloor(versions: ByVersion): Floor {
  const first = firstLoading(versions);
  const open = versions.some(({ prediction }) => prediction.outcome === 'unknown');
  const at = versions[first];
  if (at === undefined) return { version: null, text: nowhere(versions, 'Linux'), open };
  const before = versions[first - 1];
  if (before === undefined)
    return { version: at.version, text: `Linux ${at.version} or before`, open };
  const reasons = before.prediction.stops.map(({ since }) => EXACT.exec(since ?? '')?.[1]);
  const exact = reasons.length > 0 && reasons.every(reason => reason !== undefined);
  const newest = exact ? reasons.toSorted((a, b) => compareKernelVersions(a ?? '', b ?? '')) : [];
  const version = newest.at(-1);
  return version === undefined
    ? { version: at.version, text: `Linux after ${before.version}, by ${at.version}`, open }
    : { version, text: `Linux ${version}`, open };
}

/** The floor of one program on eBPF for Windows. */
export function windowsFloor(versions: ByVersion): Floor {
  const at = versions[firstLoading(versions)];
  const name = 'eBPF for Windows';
  if (at === undefined) return { version: null, text: `not on Windows`, open: false };
  const [oldest] = versions;
  const before = at === oldest ? ' or before' : '';
  return { version: at.version, text: `${name} ${short(at.version)}${before}`, open: false };
}

/** The floor of a set is the highest of its programs. */
export function floorOfSet(floors: readonly Floor[]): Floor | null {
  const [first] = floors;
  if (first === undefined) return null;
  const open = floors.some(floor => floor.open);
  const nowhere = floors.find(({ version }) => version === null);
  const highest = floors.toSorted((a, b) =>
    compareKernelVersions(a.version ?? '', b.version ?? ''),
  );
  return { ...(nowhere ?? highest.at(-1) ?? first), open };
}

/** The index from which on all versions load it; -1 where the newest does not. */
function firstLoading(versions: ByVersion): number {
  const stopping = versions.findLastIndex(({ prediction }) => !isUsable(prediction));
  return stopping === versions.length - 1 ? -1 : stopping + 1;
}

function nowhere(versions: ByVersion, platform: string): string {
  const loading = versions.filter(({ prediction }) => isUsable(prediction));
  const [first] = loading;
  const last = loading.at(-1);
  if (first !== undefined && last !== undefined) {
    const range = first === last ? `${last.version} alone` : `${first.version} to ${last.version}`;
    return `${platform} ${range}`;
  }
  const unknown = versions.some(({ prediction }) => prediction.outcome === 'unknown');
  return unknown ? 'unknown' : `no ${platform} that was probed`;
}

/** `1.5` of `1.5.0`. */
function short(version: string): string {
  return version.replace(/\.0$/, '');
}
