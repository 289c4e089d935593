import pMap from 'p-map';
import type { Fixture } from '../fixtures/fixture.ts';
import { parseKernelVersion, upstreamOfRelease } from '../kernels/kernel-version.ts';
import type { PlannedTarget } from '../targets/create-targets.ts';
import { type Isolation, planTasks } from './plan.ts';
import { type TargetOutcome, TargetRun, type TargetRunOptions } from './target-run.ts';

export interface ExecuteOptions extends TargetRunOptions {
  /** How many connections are open at once. */
  readonly jobs: number;
  readonly isolation: Isolation;
}

/** One target with all that it said, in the order of the plan. */
export interface ExecutedTarget extends TargetOutcome {
  readonly id: string;
  readonly upstream: string | null;
  readonly platform: 'linux' | 'windows';
}

/** Runs every fixture on every target, `jobs` connections at a time. */
export async function execute(
  targets: readonly PlannedTarget[],
  fixtures: readonly Fixture[],
  options: ExecuteOptions,
): Promise<ExecutedTarget[]> {
  const { listener, jobs, signal, isolation } = options;
  const ids = targets.map(planned => (planned.kind === 'ready' ? planned.target.id : planned.id));
  listener({ ...{ type: 'run:starting', targets: ids, fixtures: fixtures.map(({ id }) => id) } });
  const runs = startRuns(targets, options);
  const tasks = planTasks([...runs.values()], fixtures, isolation);
  for (const { on } of tasks) on.expect();
  await pMap(tasks, ({ on, fixtures: some }) => on.run(some), { concurrency: jobs, signal });
  return targets.map(planned => collect(planned, runs));
}

/** A run for each target that can be tried; of the others it is said why not. */
function startRuns(targets: readonly PlannedTarget[], options: ExecuteOptions) {
  const runs = new Map<string, TargetRun>();
  for (const planned of targets) {
    if (planned.kind === 'ready') {
      runs.set(planned.target.id, new TargetRun(planned.target, options));
    } else {
      const { id: target, error } = planned;
      options.listener({ type: 'target:failed', target, error });
    }
  }
  return runs;
}

function collect(planned: PlannedTarget, runs: ReadonlyMap<string, TargetRun>): ExecutedTarget {
  if (planned.kind === 'failed') {
    const { id, error } = planned;
    return { id, upstream: null, platform: 'linux', error, observations: new Map() };
  }
  const { id, upstream, platform } = planned.target;
  const outcome = runs.get(id)?.outcome() ?? { observations: new Map() };
  const known = upstream ?? upstreamOf(outcome);
  return { id, upstream: known, platform, ...outcome };
}

/** Of a machine that is taken as it is, the version is known once it has answered. */
function upstreamOf({ facts }: TargetOutcome): string | null {
  const version = facts === undefined ? '' : (facts.runtime?.version ?? facts.release);
  return parseKernelVersion(version) === undefined ? null : upstreamOfRelease(version);
}
