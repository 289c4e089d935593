import { availableParallelism } from 'node:os';
import { compareAnswers } from '../compare/compare.ts';
import { checkDeclarations } from '../compare/declared.ts';
import { type LoadedConfig, loadConfig } from '../config/load-config.ts';
import type { Fixture } from '../fixtures/fixture.ts';
import { buildReport } from '../report/build-report.ts';
import { ProgressDisplay } from '../report/progress.ts';
import type { Report } from '../report/report-schema.ts';
import { openReporters } from '../report/reporters.ts';
import type { RunEvent, RunListener } from '../run/events.ts';
import { type ExecutedTarget, execute, type PlannedTarget } from '../run/execute.ts';
import { createTargets } from '../targets/create-targets.ts';
import type { CommandContext } from './context.ts';
import { exitCodeFor } from './exit-code.ts';
import { prepareFixtures } from './prepare-fixtures.ts';

export interface RunOptions {
  readonly target: readonly string[];
  readonly config?: string;
  readonly reporter: readonly string[];
  readonly jobs?: number;
  readonly timeout?: number;
  readonly log: 'short' | 'full';
  readonly accel: 'auto' | 'kvm' | 'tcg';
}

/** `crossbpf run [FIXTURE…]`: every fixture on every target, compared. Gives the exit code. */
export async function runCommand(
  patterns: readonly string[],
  options: RunOptions,
  context: CommandContext,
): Promise<number> {
  const loaded = await loadConfig(context.folder, options.config);
  const progress = new ProgressDisplay(context.stderr);
  const names = options.reporter.length > 0 ? options.reporter : ['matrix'];
  await using open = await openReporters(names, context.stdout);
  const listener: RunListener = event => {
    tell(open.reporters, event);
    if (!context.stdout.isTerminal || !names.includes('dot')) progress.onEvent(event);
  };
  try {
    const fixtures = await prepareFixtures(patterns, loaded, context);
    const report = await runToReport({ fixtures, loaded, options, context, listener });
    progress.clear();
    for (const reporter of open.reporters) reporter.onReport(report);
    return exitCodeFor(report);
  } finally {
    progress.clear();
  }
}

interface RunInput {
  readonly fixtures: readonly Fixture[];
  readonly loaded: LoadedConfig;
  readonly options: RunOptions;
  readonly context: CommandContext;
  readonly listener: RunListener;
}

async function runToReport(input: RunInput): Promise<Report> {
  const { fixtures, context, options, loaded, listener } = input;
  const startedAt = new Date();
  const start = context.now();
  for (const fixture of fixtures) checkDeclarations(fixture);
  const targets = await planTargets(input);
  const executed = await execute(targets, fixtures, {
    ...{ listener, signal: context.signal, now: context.now, fullLog: options.log === 'full' },
    timeoutMs: (options.timeout ?? loaded.config.timeout) * 1000,
    jobs: options.jobs ?? loaded.config.jobs ?? availableParallelism(),
  });
  const comparison = compareAnswers(toAnswers(executed, fixtures));
  const { toolVersion } = context;
  const durationMs = context.now() - start;
  return buildReport({
    ...{ toolVersion, startedAt, durationMs, targets: executed, fixtures, comparison },
  });
}

async function planTargets({
  loaded,
  options,
  context,
  listener,
}: RunInput): Promise<PlannedTarget[]> {
  const names = options.target.length > 0 ? options.target : loaded.config.targets;
  return createTargets(names, {
    ...{ accel: options.accel, memoryMiB: loaded.config.memory },
    ...{ folder: options.target.length > 0 ? context.folder : loaded.root },
    ...{ cacheRoot: context.cacheRoot, packageRoot: context.packageRoot },
    ...{ environment: context.environment, signal: context.signal },
    onProgress: progress => listener({ type: 'kernel:progress', progress }),
  });
}

function toAnswers(executed: readonly ExecutedTarget[], fixtures: readonly Fixture[]) {
  const byId = new Map(executed.map(target => [target.id, target]));
  return {
    ...{ targets: executed, fixtures },
    observation: (target: string, fixture: string) => byId.get(target)?.observations.get(fixture),
  };
}

function tell(reporters: readonly { onEvent?(event: RunEvent): void }[], event: RunEvent): void {
  for (const reporter of reporters) reporter.onEvent?.(event);
}
