import type { LoadedConfig } from '../config/load-config.ts';
import { platformsOf } from '../config/platform.ts';
import { readProgramTypes } from '../fixtures/program-types.ts';
import { RunProfile } from '../report/profile.ts';
import { ProgressDisplay } from '../report/progress.ts';
import { openReporters } from '../report/reporters.ts';
import type { EventRelay } from '../run/event-relay.ts';
import type { RunListener } from '../run/events.ts';
import { BaselineUse } from './baseline-use.ts';
import type { CommandContext } from './context.ts';
import { exitCodeFor } from './exit-code.ts';
import { namedTargets } from './named-targets.ts';
import { type PreparedFixtures, prepareFixtures } from './prepare-fixtures.ts';
import { produceReport } from './produce-report.ts';
import type { StartedTargets } from './started-targets.ts';
import { describePredictions, predictUnreached } from './static-predictions.ts';

export interface RunOptions {
  readonly target: readonly string[];
  readonly config?: string;
  readonly reporter: readonly string[];
  /** `PROGRAM=TYPE` for each program whose section does not say its type. */
  readonly type?: readonly string[];
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

export interface Run {
  readonly patterns: readonly string[];
  readonly options: RunOptions;
  readonly context: CommandContext;
  readonly loaded: LoadedConfig;
  /** Whether it is of all fixtures of the configuration. */
  readonly isWhole: boolean;
  readonly targets: StartedTargets;
  /** What the targets tell. */
  readonly events: EventRelay;
  /** Those that a change made other ones; absent: those that `patterns` name. */
  readonly prepared?: PreparedFixtures;
}

/** One run, from fixtures to the exit code. It ends the targets. */
export async function runOnce(run: Run): Promise<number> {
  await using targets = run.targets;
  const { options, context, loaded, isWhole, events } = run;
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
    events.listen(listener);
    const prepared = run.prepared ?? (await prepare(run));
    const { broken } = prepared;
    const fixtures = bail && broken.length > 0 ? [] : prepared.fixtures;
    listener({ type: 'fixtures:ready', fixtures });
    profile.begin('kernels');
    const { timeout, log } = options;
    const answered = await produceReport({
      ...{ fixtures, broken, targets, loaded, context, listener, isContinued: options.watch },
      options: { timeout, log, bail },
    });
    const report = await predictUnreached(baseline.hold(answered), { ...run, fixtures });
    progress.clear();
    await open.finish(report);
    stderr.write(describePredictions(report));
    const asked = prepared.fixtures.length + broken.length;
    stderr.write(describeBail(asked - report.fixtures.length));
    stderr.write(await baseline.keep(answered));
    if (options.profile) stderr.write(`\n${profile.render()}`);
    return exitCodeFor(report);
  } finally {
    progress.clear();
  }
}

function prepare({ patterns, loaded, context, options }: Run): Promise<PreparedFixtures> {
  const platforms = platformsOf(namedTargets(options.target, loaded));
  const types = readProgramTypes(options.type ?? []);
  return prepareFixtures(patterns, loaded, {
    ...context,
    platforms,
    types,
    targets: options.target,
  });
}

function describeBail(left: number): string {
  if (left === 0) return '';
  return `--bail: ${left} fixture${left === 1 ? ' was' : 's were'} not run\n`;
}
