import { availableParallelism, homedir, totalmem } from 'node:os';
import path from 'node:path';
import { cacheLimit } from '../cache/cache-limit.ts';
import { tidyCache } from '../cache/tidy-cache.ts';
import { checkDeclarations } from '../compare/declared.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { absoluteRemotes } from '../config/machine.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import type { Fixture } from '../fixtures/fixture.ts';
import { reportAnswers } from '../report/report-answers.ts';
import type { Report } from '../report/report-schema.ts';
import { keepDurations, longestFirst, readDurations } from '../run/durations.ts';
import type { RunEvent, RunListener } from '../run/events.ts';
import { execute } from '../run/execute.ts';
import { FileHolds } from '../storage/file-holds.ts';
import { createTargets } from '../targets/create-targets.ts';
import { SpareGuests } from '../targets/spare-guests.ts';
import { Bail } from './bail.ts';
import type { CommandContext } from './context.ts';
import { LOCK_FILE } from './lock-file.ts';

/** What a run needs of the world. */
export type RunContext = Pick<
  CommandContext,
  'folder' | 'cacheRoot' | 'packageRoot' | 'environment' | 'signal' | 'now' | 'toolVersion'
>;

export interface ProduceOptions {
  /** Targets as the user named them; empty: those of the configuration. */
  readonly targets: readonly string[];
  readonly jobs?: number | undefined;
  /** Seconds for one fixture on one target. */
  readonly timeout?: number | undefined;
  readonly log: 'short' | 'full';
  readonly accel: 'auto' | 'kvm' | 'tcg';
  /** Boot every guest, restore none. */
  readonly fresh: boolean;
  /** End after the first fixture that is not as expected; the report is of those that all targets answered. */
  readonly bail?: boolean;
}

export interface ProduceInput {
  readonly fixtures: readonly Fixture[];
  readonly loaded: LoadedConfig;
  readonly options: ProduceOptions;
  readonly context: RunContext;
  readonly listener: RunListener;
  /** Guests that runs leave to one another; absent: this run's own. */
  readonly spares?: SpareGuests;
}

/**
 * Runs fixtures on targets, compares what they say, and puts it into a report. Where the run has added
 * to the cache, that is brought below its limit afterwards.
 */
export async function produceReport(input: ProduceInput): Promise<Report> {
  const { cacheRoot, environment, signal } = input.context;
  const limit = cacheLimit(environment);
  let hasAdded = false;
  const listener: RunListener = event => {
    hasAdded ||= addsToCache(event);
    input.listener(event);
  };
  const report = await runAndCompare({ ...input, listener });
  if (hasAdded) await tidyCache({ cacheRoot, limit, signal });
  return report;
}

function addsToCache(event: RunEvent): boolean {
  if (event.type === 'target:snapshot') return event.event.type === 'snapshot:saving';
  return event.type === 'kernel:progress' && event.progress.type === 'kernel:ready';
}

async function runAndCompare(input: ProduceInput): Promise<Report> {
  const { fixtures, context, options, loaded } = input;
  const startedAt = new Date();
  const start = context.now();
  requireMemory(loaded);
  for (const fixture of fixtures) checkDeclarations(fixture);
  using holds = new FileHolds();
  await using own = new SpareGuests();
  const { spares = own } = input;
  const durations = await readDurations(context.cacheRoot);
  const order = longestFirst(fixtures, durations);
  const planned = await planTargets({ ...input, spares }, holds);
  const bail = options.bail ? new Bail(fixtures, planned) : undefined;
  const listener: RunListener = event => {
    bail?.onEvent(event);
    input.listener(event);
  };
  const executed = await execute(planned, order, {
    ...{
      listener,
      isStopped: () => bail?.isReached === true,
      signal: context.signal,
      now: context.now,
      fullLog: options.log === 'full',
      isContinued: input.spares !== undefined,
    },
    folder: context.folder,
    timeoutMs: (options.timeout ?? loaded.config.timeout) * 1000,
    isolation: loaded.config.isolation,
    jobs: options.jobs ?? loaded.config.jobs ?? availableParallelism(),
  });
  await keepDurations(context.cacheRoot, durations, { fixtures, targets: executed });
  const run = bail?.isReached ? fixtures.filter(({ id }) => bail.isAnswered(id)) : fixtures;
  return reportAnswers({
    ...{ toolVersion: context.toolVersion, startedAt, durationMs: context.now() - start },
    ...{ targets: executed, fixtures: run },
  });
}

function planTargets(
  { loaded, options, context, listener, spares }: ProduceInput,
  holds: FileHolds,
) {
  const named = options.targets.length > 0;
  return createTargets(named ? options.targets : loaded.config.targets, {
    ...{ accel: options.accel, fresh: options.fresh, memoryMiB: loaded.config.memory },
    folder: named ? context.folder : loaded.root,
    remotes: absoluteRemotes(loaded.config.remotes, loaded.root, homedir()),
    onNotice: (target, message) => listener({ type: 'target:notice', target, message }),
    lockFile: path.join(loaded.root, LOCK_FILE),
    ...{ cacheRoot: context.cacheRoot, packageRoot: context.packageRoot },
    ...{ environment: context.environment, signal: context.signal },
    onSnapshot: (target, event) => listener({ type: 'target:snapshot', target, event }),
    hold: path => holds.hold(path),
    spares,
    onProgress: progress => listener({ type: 'kernel:progress', progress }),
  });
}

/** A guest with more memory than there is would start for minutes, and never end that. */
function requireMemory({ config, file }: LoadedConfig): void {
  const has = Math.floor(totalmem() / 1024 / 1024);
  if (config.memory <= has) return;
  throw new CrossbpfError({
    code: 'USAGE_BAD_CONFIG',
    message: `memory: ${config.memory} MiB for each guest is more than this machine has (${has} MiB)`,
    ...(file === undefined ? {} : { file }),
  });
}
