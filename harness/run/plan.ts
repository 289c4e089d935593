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
 * there are none yet, and so that a fixture is complete before the next one begins.
 */
export function planTasks<On>(
  targets: readonly On[],
  fixtures: readonly Fixture[],
  isolation: Isolation,
): Task<On>[] {
  if (isolation === 'target') return targets.map(on => ({ on, fixtures }));
  return fixtures.flatMap(fixture => targets.map(on => ({ on, fixtures: [fixture] })));
}
