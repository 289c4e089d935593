import type { CacheEntry, CacheSurvey } from './cache-entry.ts';
import { totalBytes } from './cache-entry.ts';

const DAY_MS = 24 * 3_600_000;
const UNUSED_MS = 30 * DAY_MS;
/** Two checkouts with different agents may take turns on one machine. */
const SUPERSEDED_MS = DAY_MS;

/** What nobody will miss: unused for 30 days; for one day, where something else has taken its place. */
export function chooseUnused(entries: readonly CacheEntry[], now: number): CacheEntry[] {
  return entries.filter(({ lastUsed, superseded }) => {
    return now - lastUsed > (superseded ? SUPERSEDED_MS : UNUSED_MS);
  });
}

/**
 * All entries in the order in which they go when there is too much: what is superseded, then snapshots,
 * which a boot brings back, then the rest, which has to be downloaded or made again; in each group the
 * one that was used longest ago first.
 */
export function inOrderOfEviction(entries: readonly CacheEntry[]): CacheEntry[] {
  return entries.toSorted((a, b) => rank(a) - rank(b) || a.lastUsed - b.lastUsed);
}

function rank({ kind, superseded }: CacheEntry): number {
  if (superseded) return 0;
  return kind === 'snapshot' ? 1 : 2;
}

/** How many bytes a cache is above its limit. */
export function excessBytes(survey: CacheSurvey, limit: number): number {
  return Math.max(0, totalBytes(survey) - limit);
}
