import { loadConfig } from '../config/load-config.ts';
import { ProgressDisplay } from '../report/progress.ts';
import { openReporters } from '../report/reporters.ts';
import type { RunListener } from '../run/events.ts';
import type { CommandContext } from './context.ts';
import { exitCodeFor } from './exit-code.ts';
import { prepareFixtures } from './prepare-fixtures.ts';
import { produceReport } from './produce-report.ts';

export interface RunOptions {
  readonly target: readonly string[];
  readonly config?: string;
  readonly reporter: readonly string[];
  readonly jobs?: number;
  readonly timeout?: number;
  readonly log: 'short' | 'full';
  readonly accel: 'auto' | 'kvm' | 'tcg';
  readonly fresh: boolean;
}

/** `crossbpf run [FIXTURE…]`: every fixture on every target, compared. Gives the exit code. */
export async function runCommand(
  patterns: readonly string[],
  options: RunOptions,
  context: CommandContext,
): Promise<number> {
  const loaded = await loadConfig(context.folder, options.config);
  const progress = new ProgressDisplay(context.stderr);
  const { reporter: names } = options;
  const open = await openReporters(names, { stdout: context.stdout, folder: context.folder });
  const dotsOnTerminal = context.stdout.isTerminal && names.includes('dot');
  const listener: RunListener = event => {
    open.onEvent(event);
    if (!dotsOnTerminal) progress.onEvent(event);
  };
  try {
    const fixtures = await prepareFixtures(patterns, loaded, context);
    const { target: targets, jobs, timeout, log, accel, fresh } = options;
    const report = await produceReport({
      ...{ fixtures, loaded, context, listener },
      options: { targets, jobs, timeout, log, accel, fresh },
    });
    progress.clear();
    await open.finish(report);
    return exitCodeFor(report);
  } finally {
    progress.clear();
  }
}
