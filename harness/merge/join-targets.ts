import { CrossbpfError } from '../crossbpf-error.ts';
import type { Report, ReportedTarget } from '../report/report-schema.ts';
import type { ExecutedTarget } from '../run/execute.ts';
import type { FixtureObservation } from '../run/observation.ts';
import { cannotMerge } from './merge-error.ts';
import type { NamedBlob } from './read-blobs.ts';

interface Told {
  readonly file: string;
  readonly executed: ExecutedTarget;
}

/**
 * The targets of all blobs with all that they said. One that is in several blobs has answered other fixtures in
 * each, as in a run that was divided.
 *
 * @throws CrossbpfError `USAGE_MERGE` for a target that answered a fixture twice, or that is not the same one.
 */
export function joinTargets(blobs: readonly NamedBlob[]): ExecutedTarget[] {
  const all = blobs.flatMap(({ file, blob: { report, label } }) =>
    report.targets.map(target => ({ file, executed: executedOf(target, report, label) })),
  );
  const byId = Map.groupBy(all, ({ executed }) => executed.id);
  return [...byId.values()].map(told => told.reduce(joinTwo).executed);
}

/** Machines that have no name of their own are told apart by what the run was called. */
function executedOf(target: ReportedTarget, report: Report, label: string | null): ExecutedTarget {
  const { id, platform, upstream, error } = target;
  const { release, arch, mode, startMs } = target;
  const observations = report.fixtures.flatMap(fixture => {
    const result: FixtureObservation | undefined = fixture.results[id];
    return result === undefined ? [] : [[fixture.id, result] as const];
  });
  const hasAnswered = release !== null && arch !== null && startMs !== null && mode !== 'static';
  return {
    ...{ platform, upstream, observations: new Map(observations) },
    id: mode === 'host' && label !== null ? `${id} (${label})` : id,
    ...(hasAnswered && { facts: { ...target, release, arch, mode, startMs } }),
    ...(error !== undefined && { error: new CrossbpfError(error) }),
  };
}

function joinTwo(one: Told, other: Told): Told {
  const { id, upstream, facts, error, observations } = one.executed;
  const where = `${one.file} and in ${other.file}`;
  const twice = [...other.executed.observations.keys()].filter(fixture =>
    observations.has(fixture),
  );
  const isDivided = observations.size > 0 && other.executed.observations.size > 0;
  if (twice.length > 0 || !isDivided) {
    throw cannotMerge(`${id} is in ${where}`, {
      hint: 'A target can be in one blob alone. If they are two machines, give each run its --label, or name them among the remotes of the configuration.',
    });
  }
  const release = other.executed.facts?.release;
  if (facts?.release !== release) {
    throw cannotMerge(`${id} is not the same in ${where}: ${facts?.release}, ${release}`, {
      hint: 'Pin it: crossbpf kernels lock.',
    });
  }
  const joined = {
    ...other.executed,
    ...{ id, upstream: upstream ?? other.executed.upstream },
    ...(facts !== undefined && { facts }),
    ...(error !== undefined && { error }),
    observations: new Map([...observations, ...other.executed.observations]),
  };
  return { file: one.file, executed: joined };
}
