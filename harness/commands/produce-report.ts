import { cacheLimit } from '../cache/cache-limit.ts';
import { tidyCache } from '../cache/tidy-cache.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { BrokenFixture, Fixture } from '../fixtures/fixture.ts';
import { reportAnswers } from '../report/report-answers.ts';
import type { Report } from '../report/report-schema.ts';
import { keepDurations, longestFirst, readDurations } from '../run/durations.ts';
import type { RunListener } from '../run/events.ts';
import { execute } from '../run/execute.ts';
import { Bail } from './bail.ts';
import type { CommandContext } from './context.ts';
import type { StartedTargets } from './started-targets.ts';

/** What a run needs of the world. */
export type RunContext = Pick<
  CommandContext,
  'folder' | 'cacheRoot' | 'environment' | 'signal' | 'now' | 'toolVersion'
>;

export interface ProduceOptions {
  /** Seconds for one fixture on one target. */
  readonly timeout?: number | undefined;
  readonly log: 'short' | 'full';
  /** End after the first fixture that is not as expected; the report is of those that all targets answered. */
  readonly bail?: boolean;
}

export interface ProduceInput {
  readonly fixtures: readonly Fixture[];
  /** Those that cannot be run, for the report. */
  readonly broken: readonly BrokenFixture[];
  readonly targets: StartedTargets;
  readonly loaded: LoadedConfig;
  readonly options: ProduceOptions;
  readonly context: RunContext;
  readonly listener: RunListener;
  /** Whether another run follows that may use the same guests. */
  readonly isContinued?: boolean;
}

/**
 * Runs fixtures on targets, which it ends, compares what they say, and puts it into a report. Where the run has added
 * to the cache, that is brought below its limit afterwards.
 */
export async function produceReport(input: ProduceInput): Promise<Report> {
  const { cacheRoot, environment, signal } = input.context;
  const limit = cacheLimit(environment);
  const report = await runAndCompare(input);
  if (input.targets.hasAdded) await tidyCache({ cacheRoot, limit, signal });
  return report;
}

async function runAndCompare(input: ProduceInput): Promise<Report> {
  const { fixtures, broken, context, options, loaded, isContinued = false } = input;
  await using targets = input.targets;
  const startedAt = new Date();
  const start = context.now();
  if (fixtures.length === 0) {
    // No kernel is fetched for nothing.
    const durationMs = context.now() - start;
    const nothing = { targets: [], fixtures, broken };
    return reportAnswers({ toolVersion: context.toolVersion, startedAt, durationMs, ...nothing });
  }
  const durations = await readDurations(context.cacheRoot);
  const order = longestFirst(fixtures, durations);
  const planned = await targets.planned();
  const bail = options.bail ? new Bail(fixtures, planned) : undefined;
  const listener: RunListener = event => {
    bail?.onEvent(event);
    input.listener(event);
  };
  const executed = await execute(planned, order, {
    ...{ listener, isContinued, folder: context.folder, jobs: targets.jobs },
    ...{ signal: context.signal, now: context.now, fullLog: options.log === 'full' },
    isStopped: () => bail?.isReached === true,
    timeoutMs: (options.timeout ?? loaded.config.timeout) * 1000,
    isolation: loaded.config.isolation,
  });
  await keepDurations(context.cacheRoot, durations, { fixtures, targets: executed });
  const run = bail?.isReached ? fixtures.filter(({ id }) => bail.isAnswered(id)) : fixtures;
  return reportAnswers({
    ...{ toolVersion: context.toolVersion, startedAt, durationMs: context.now() - start },
    ...{ targets: executed, fixtures: run, broken },
  });
}
