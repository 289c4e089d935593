/** What an entry of the cache is; decides in which order entries go. */
export type CacheKind = 'image' | 'snapshot' | 'initramfs' | 'other';

/** Something in the cache that can be removed by itself. */
export interface CacheEntry {
  readonly kind: CacheKind;
  /** A file or a folder, absolute. */
  readonly path: string;
  /** What it takes on the disk: a file with holes counts by its blocks. */
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly lastUsed: number;
  /** Nothing will use it again unless time goes backwards: another agent, another QEMU took its place. */
  readonly superseded: boolean;
  /** What the kernel calls itself that an image or a snapshot is of, where that is known. */
  readonly release?: string | undefined;
}

/** All that is in the cache. */
export interface CacheSurvey {
  readonly entries: readonly CacheEntry[];
  /** What has to stay where it is: the archive's lists, locks, what is being written just now. */
  readonly fixedBytes: number;
}

export function totalBytes({ entries, fixedBytes }: CacheSurvey): number {
  return entries.reduce((sum, { bytes }) => sum + bytes, fixedBytes);
}
