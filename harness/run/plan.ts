import type { Fixture } from '../fixtures/fixture.ts';

/** `fixture`: a fresh guest for each fixture. `target`: one guest for all fixtures of a target. */
export type Isolation = 'fixture' | 'target';

/** What one connection is opened for. */
export interface Task<On> {
  readonly on: On;
  readonly fixtures: readonly Fixture[];
}

/**
 * Divides a run into tasks. Targets take turns, so that their guests are saved side by side when
 * there are none yet, and so that a fixture is complete before the next one begins. A machine that all
 * fixtures share takes one after the other, beginning at once, as it may take longest.
 */
export function planTasks<On extends { readonly isShared: boolean }>(
  targets: readonly On[],
  fixtures: readonly Fixture[],
  isolation: Isolation,
): Task<On>[] {
  if (isolation === 'target') return targets.map(on => ({ on, fixtures }));
  const shared = targets.filter(on => on.isShared);
  const fresh = targets.filter(on => !on.isShared);
  return [
    ...shared.map(on => ({ on, fixtures })),
    ...fixtures.flatMap(fixture => fresh.map(on => ({ on, fixtures: [fixture] }))),
  ];
}
