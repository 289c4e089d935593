import pMap from 'p-map';
import type { Fixture } from '../fixtures/fixture.ts';
import type { PlannedTarget } from '../targets/create-targets.ts';
import type { FixtureObservation } from './observation.ts';
import { runOnTarget, type TargetOutcome, type TargetRunOptions } from './target-run.ts';

export interface ExecuteOptions extends TargetRunOptions {
  /** How many targets run at once. */
  readonly jobs: number;
}

/** One target with all that it said, in the order of the plan. */
export interface ExecutedTarget extends TargetOutcome {
  readonly id: string;
  readonly upstream: string | null;
  readonly platform: 'linux' | 'windows';
}

/** Runs every fixture on every target, `jobs` targets at a time. */
export async function execute(
  targets: readonly PlannedTarget[],
  fixtures: readonly Fixture[],
  options: ExecuteOptions,
): Promise<ExecutedTarget[]> {
  const ids = targets.map(planned => (planned.kind === 'ready' ? planned.target.id : planned.id));
  options.listener({
    ...{ type: 'run:starting', targets: ids, fixtures: fixtures.map(fixture => fixture.id) },
  });
  return pMap(targets, planned => runPlanned(planned, fixtures, options), {
    concurrency: options.jobs,
    signal: options.signal,
  });
}

async function runPlanned(
  planned: PlannedTarget,
  fixtures: readonly Fixture[],
  options: ExecuteOptions,
): Promise<ExecutedTarget> {
  if (planned.kind === 'ready') {
    const { id, upstream, platform } = planned.target;
    return { id, upstream, platform, ...(await runOnTarget(planned.target, fixtures, options)) };
  }
  const { id, error } = planned;
  options.listener({ type: 'target:failed', target: id, error });
  const observations = new Map<string, FixtureObservation>();
  return { id, upstream: null, platform: 'linux', error, observations };
}
