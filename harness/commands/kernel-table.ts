import type { CacheEntry, CacheKind, CacheSurvey } from '../cache/cache-entry.ts';
import { totalBytes } from '../cache/cache-entry.ts';
import type { TidyResult } from '../cache/tidy-cache.ts';
import type { ListedBuild } from '../kernels/list-builds.ts';
import { createColors } from '../report/colors.ts';
import { formatBytes } from '../report/format-bytes.ts';

/** A kernel in the archive, in the cache, or in both. */
export interface KernelRow extends Partial<ListedBuild> {
  readonly release: string;
  readonly cached: boolean;
  /** What its images and its snapshots take on the disk, in bytes. */
  readonly imageBytes: number;
  readonly snapshotBytes: number;
  readonly snapshots: number;
}

/** Builds of the archive in their order, then kernels that only the cache has: by file, or of old. */
export function kernelRows(
  builds: readonly ListedBuild[],
  entries: readonly CacheEntry[],
): KernelRow[] {
  const byRelease = Map.groupBy(entries, ({ release }) => release);
  const listed = new Set(builds.map(({ release }) => release));
  const others = byRelease.keys().filter(name => name !== undefined && !listed.has(name));
  const rows = [...builds, ...others.map(release => ({ release: release ?? '', cached: true }))];
  return rows.map(row => {
    const own = byRelease.get(row.release) ?? [];
    const snapshots = own.filter(({ kind }) => kind === 'snapshot').length;
    return {
      ...row,
      ...{ imageBytes: bytesOf(own, 'image'), snapshotBytes: bytesOf(own, 'snapshot'), snapshots },
    };
  });
}

function bytesOf(entries: readonly CacheEntry[], ...kinds: CacheKind[]): number {
  const chosen = entries.filter(({ kind }) => kinds.includes(kind));
  return chosen.reduce((sum, { bytes }) => sum + bytes, 0);
}

export function formatKernels(rows: readonly KernelRow[], color: boolean): string {
  const { dim, green } = createColors(color);
  const line = (mark: string, [target = '', release = '', ...sizes]: string[], rest: string) =>
    `${mark} ${target.padEnd(16)} ${release.padEnd(34)}${sizes.map(size => size.padStart(10)).join('')}  ${dim(rest)}\n`;
  const heads = ['target', 'release', 'download', 'image', 'snapshots'];
  const body = rows.map(row => {
    const { upstream, release, downloadBytes = 0, imageBytes, snapshotBytes, suites = [] } = row;
    const target = upstream === undefined ? '' : `linux@${upstream}`;
    const sizes = [downloadBytes, imageBytes, snapshotBytes].map(sizeOrNothing);
    return line(row.cached ? green('●') : ' ', [target, release, ...sizes], suites.join(', '));
  });
  return [line(' ', heads, 'suites'), ...body].join('');
}

function sizeOrNothing(bytes: number): string {
  return bytes === 0 ? '' : formatBytes(bytes);
}

export interface CachePlace {
  readonly cacheRoot: string;
  /** In bytes. */
  readonly limit: number;
}

/** What the cache takes in all, and what it may. */
export function formatCache(survey: CacheSurvey, { cacheRoot, limit }: CachePlace): string {
  const { entries, fixedBytes } = survey;
  const parts = [
    `images ${formatBytes(bytesOf(entries, 'image'))}`,
    `snapshots ${formatBytes(bytesOf(entries, 'snapshot'))}`,
    `other ${formatBytes(fixedBytes + bytesOf(entries, 'initramfs', 'other'))}`,
  ];
  const total = `${formatBytes(totalBytes(survey))} of at most ${formatBytes(limit)}`;
  return `${cacheRoot}: ${total} ($CROSSBPF_CACHE_SIZE): ${parts.join(', ')}\n`;
}

export function formatTidied({ removed, skipped, freedBytes }: TidyResult): string {
  const lines = removed.filter(isImage).map(({ release }) => `removed ${release}`);
  const count = removed.filter(({ kind }) => kind === 'snapshot').length;
  if (count > 0) lines.push(`removed ${count} ${count === 1 ? 'snapshot' : 'snapshots'}`);
  const kept = skipped.map(entry => {
    return isImage(entry) ? entry.release : `${entry.kind} of ${entry.release ?? entry.path}`;
  });
  lines.push(...kept.map(name => `kept ${name}: it is in use`), `${formatBytes(freedBytes)} freed`);
  return `${lines.join('\n')}\n`;
}

function isImage({ kind }: CacheEntry): boolean {
  return kind === 'image';
}
