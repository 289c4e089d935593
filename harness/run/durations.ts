import path from 'node:path';
import { z } from 'zod';
import type { Fixture } from '../fixtures/fixture.ts';
import { keepCachedJson, readCachedJson } from '../storage/cached-json.ts';
import type { ExecutedTarget } from './execute.ts';

/** By SHA-256 of a fixture's object: how long it took on its slowest target, in milliseconds. */
const durationsSchema = z.record(z.string(), z.number());

export type Durations = Readonly<z.infer<typeof durationsSchema>>;

/** More are not kept: the file is read by every run. */
const KEPT = 2000;

export async function readDurations(cacheRoot: string): Promise<Durations> {
  return (await readCachedJson(durationsFile(cacheRoot), durationsSchema)) ?? {};
}

/** The longest first, so that no long one is left when all others are done; unknown ones before those. */
export function longestFirst(fixtures: readonly Fixture[], durations: Durations): Fixture[] {
  const expected = ({ sha256 }: Fixture) => durations[sha256] ?? Number.POSITIVE_INFINITY;
  return fixtures.toSorted((a, b) => compare(expected(b), expected(a)));
}

/** Remembers how long fixtures took in this run. */
export async function keepDurations(
  cacheRoot: string,
  known: Durations,
  run: { readonly fixtures: readonly Fixture[]; readonly targets: readonly ExecutedTarget[] },
): Promise<void> {
  const measured = run.fixtures.flatMap(({ id, sha256 }) => {
    const times = run.targets.flatMap(target => target.observations.get(id)?.durationMs ?? []);
    return times.length === 0 ? [] : [[sha256, Math.round(Math.max(...times))] as const];
  });
  if (measured.every(([sha256]) => sha256 in known)) return;
  const all = Object.entries({ ...known, ...Object.fromEntries(measured) });
  await keepCachedJson(durationsFile(cacheRoot), Object.fromEntries(all.slice(-KEPT)));
}

function durationsFile(cacheRoot: string): string {
  return path.join(cacheRoot, 'durations.json');
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
