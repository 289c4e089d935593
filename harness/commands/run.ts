import { type LoadedConfig, loadConfig } from '../config/load-config.ts';
import { platformsOf } from '../config/platform.ts';
import type { Fixture } from '../fixtures/fixture.ts';
import { RunProfile } from '../report/profile.ts';
import { ProgressDisplay } from '../report/progress.ts';
import { openReporters } from '../report/reporters.ts';
import type { RunListener } from '../run/events.ts';
import { SpareGuests } from '../targets/spare-guests.ts';
import { BaselineUse } from './baseline-use.ts';
import type { CommandContext } from './context.ts';
import { exitCodeFor } from './exit-code.ts';
import { namedTargets, prepareFixtures } from './prepare-fixtures.ts';
import { produceReport } from './produce-report.ts';
import { describePredictions, predictUnreached } from './static-predictions.ts';

export interface RunOptions {
  readonly target: readonly string[];
  readonly config?: string;
  readonly reporter: readonly string[];
  readonly jobs?: number;
  readonly timeout?: number;
  readonly log: 'short' | 'full';
  readonly accel: 'auto' | 'kvm' | 'tcg';
  readonly fresh: boolean;
  readonly watch: boolean;
  readonly profile: boolean;
  readonly baseline?: string;
  readonly update: boolean;
  readonly bail: boolean;
  readonly label?: string;
}

/** `crossbpf run [FIXTURE…]`: every fixture on every target, compared. Gives the exit code. */
export async function runCommand(
  patterns: readonly string[],
  options: RunOptions,
  context: CommandContext,
): Promise<number> {
  const loaded = await loadConfig(context.folder, options.config);
  // What is left out of a run says nothing of the baseline's entries for it.
  const isWhole = patterns.length === 0 && !options.watch && !options.bail;
  const run = { patterns, options, context, loaded, isWhole };
  const platforms = platformsOf(namedTargets(options.target, loaded));
  const preparing = { ...context, platforms };
  if (!options.watch) return runOnce(() => prepareFixtures(patterns, loaded, preparing), run);
  const { watchFixtures } = await import('./watch.ts');
  await using spares = new SpareGuests();
  return await watchFixtures({
    ...{ patterns, loaded, context: preparing },
    run: fixtures => runOnce(async () => fixtures, { ...run, spares }),
  });
}

interface Run {
  readonly patterns: readonly string[];
  readonly options: RunOptions;
  readonly context: CommandContext;
  readonly loaded: LoadedConfig;
  /** Whether it is of all fixtures of the configuration. */
  readonly isWhole: boolean;
  /** Guests that runs leave to one another. */
  readonly spares?: SpareGuests;
}

async function runOnce(prepare: () => Promise<readonly Fixture[]>, run: Run): Promise<number> {
  const { options, context, loaded, isWhole } = run;
  const { baseline: file, update, bail, label } = options;
  const baseline = await BaselineUse.open({ baseline: file, update, isWhole }, loaded, context);
  const { stdout, stderr, folder, now, environment } = context;
  const progress = new ProgressDisplay(stderr);
  const profile = new RunProfile(now);
  const open = await openReporters(options.reporter, { stdout, folder, environment, label });
  const dotsOnTerminal = stdout.isTerminal && options.reporter.includes('dot');
  const listener: RunListener = event => {
    open.onEvent(event);
    profile.onEvent(event);
    if (!dotsOnTerminal) progress.onEvent(event);
  };
  try {
    const fixtures = await prepare();
    listener({ type: 'fixtures:ready', fixtures });
    profile.begin('kernels');
    const { target: targets, jobs, timeout, log, accel, fresh } = options;
    const answered = await produceReport({
      ...{ fixtures, loaded, context, listener, ...(run.spares ? { spares: run.spares } : {}) },
      options: { targets, jobs, timeout, log, accel, fresh, bail },
    });
    const report = await predictUnreached(baseline.hold(answered), run);
    progress.clear();
    await open.finish(report);
    stderr.write(describePredictions(report));
    stderr.write(describeBail(fixtures.length - report.fixtures.length));
    stderr.write(await baseline.keep(answered));
    if (options.profile) stderr.write(`\n${profile.render()}`);
    return exitCodeFor(report);
  } finally {
    progress.clear();
  }
}

function describeBail(left: number): string {
  if (left === 0) return '';
  return `--bail: ${left} fixture${left === 1 ? ' was' : 's were'} not run\n`;
}
