import type { LoadedConfig } from '../config/load-config.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import { type CheckedFile, type CheckResult, checkObjects } from '../portability/check-objects.ts';
import { type CheckTarget, parseCheckTarget, type Tables } from '../portability/check-target.ts';
import { loadTables } from '../portability/load-tables.ts';
import type { Report, ReportedTarget } from '../report/report-schema.ts';
import { openTempFolder } from '../storage/temp-folder.ts';
import type { CommandContext } from './context.ts';
import { readObjects } from './read-objects.ts';

/** What a run was asked for. */
export interface Asked {
  /** Fixtures as they were named. */
  readonly patterns: readonly string[];
  readonly loaded: LoadedConfig;
  readonly context: CommandContext;
}

/**
 * For each Windows machine of a report that could not be reached, what the tables say of its programs: its mode is then
 * `static`. It is no verdict, and changes neither a result nor the exit code.
 */
export async function predictUnreached(report: Report, asked: Asked): Promise<Report> {
  const isUnreached = ({ platform, error }: ReportedTarget) =>
    platform === 'windows' && error !== undefined;
  const unreached = report.targets.filter(isUnreached).map(({ id }) => id);
  if (unreached.length === 0) return report;
  const result = await check(unreached, asked);
  if (result === undefined) return report;
  return {
    ...report,
    targets: report.targets.map(target =>
      isUnreached(target)
        ? { ...target, mode: 'static', predictions: predictionsOf(result, target.id) }
        : target,
    ),
  };
}

/** A machine whose name says no release is taken for one of the newest. */
function targetOf(id: string, tables: Tables): CheckTarget {
  const name = /^windows@[\d.]+$/.test(id) ? id : 'windows';
  return { ...parseCheckTarget(name, tables), id };
}

async function check(names: readonly string[], asked: Asked): Promise<CheckResult | undefined> {
  const { cacheRoot, packageRoot, signal } = asked.context;
  const tables = await loadTables();
  const targets = names.map(name => targetOf(name, tables));
  await using work = await openTempFolder('static');
  const files = await objectsForLinux(work.path, asked);
  if (files === undefined) return undefined;
  return await checkObjects({ files, targets, tables, cacheRoot, packageRoot, signal });
}

/** The tables know the names that Linux has for things. What is not for Linux at all cannot be told of. */
async function objectsForLinux(work: string, asked: Asked): Promise<CheckedFile[] | undefined> {
  const { patterns, loaded, context } = asked;
  const silent = { ...context.stderr, write: () => {} };
  try {
    return await readObjects(patterns, loaded, { ...context, stderr: silent, work });
  } catch (thrown) {
    if (thrown instanceof CrossbpfError) return undefined;
    throw thrown;
  }
}

function predictionsOf({ objects }: CheckResult, target: string) {
  return objects.flatMap(({ id: fixture, programs }) =>
    programs.flatMap(({ name: program, predictions }) => {
      const prediction = predictions.get(target);
      if (prediction === undefined) return [];
      const stops = prediction.stops.map(({ what, since }) =>
        since === null ? what : `${what}: ${since}`,
      );
      return [{ fixture, program, outcome: prediction.outcome, stops }];
    }),
  );
}

/** What was predicted, in words for people. */
export function describePredictions({ targets }: Report): string {
  const blocks = targets.flatMap(({ id, predictions }) => {
    if (predictions === undefined) return [];
    const loading = predictions.filter(({ outcome }) => outcome === 'loads').length;
    const lines = predictions
      .filter(({ outcome }) => outcome !== 'loads')
      .map(({ fixture, program, stops }) => `  ${fixture} › ${program}: ${stops.join('; ')}`);
    const head = `${id} was not reached. static, no verdict: ${loading} of ${predictions.length} programs should load there`;
    return [[head, ...lines].join('\n')];
  });
  return blocks.length === 0 ? '' : `\n${blocks.join('\n')}\n`;
}
