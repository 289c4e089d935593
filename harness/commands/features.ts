import { homedir } from 'node:os';
import path from 'node:path';
import { type LoadedConfig, loadConfig } from '../config/load-config.ts';
import { absoluteRemotes } from '../config/machine.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import {
  differencesDocument,
  formatDifferences,
  formatFeatures,
  type ProbedTarget,
} from '../report/features/format-features.ts';
import { ProgressDisplay } from '../report/progress.ts';
import { jsonText } from '../report/sinks/json.ts';
import { FileHolds } from '../storage/file-holds.ts';
import type { Target } from '../targets/connection.ts';
import { createTargets } from '../targets/create-targets.ts';
import type { CommandContext } from './context.ts';
import { EXIT } from './exit-code.ts';
import { formatError } from './failure.ts';
import { LOCK_FILE } from './lock-file.ts';

export interface FeaturesCommandOptions {
  readonly target: readonly string[];
  readonly config?: string;
  readonly accel: 'auto' | 'kvm' | 'tcg';
  readonly diff: boolean;
  readonly json: boolean;
}

/** `crossbpf features`: what targets have, found out by trying. */
export async function featuresCommand(
  options: FeaturesCommandOptions,
  context: CommandContext,
): Promise<number> {
  const loaded = await loadConfig(context.folder, options.config);
  const names = options.target.length > 0 ? options.target : loaded.config.targets;
  if (options.diff && new Set(names).size !== 2) throw wantsTwo(names);
  using holds = new FileHolds();
  const progress = new ProgressDisplay(context.stderr);
  const planned = await planTargets(names, { options, loaded, context, holds, progress });
  const probed: ProbedTarget[] = [];
  let failed = false;
  for (const each of planned) {
    try {
      if (each.kind === 'failed') throw each.error;
      context.stderr.write(`${each.target.id}: trying thousands of small programs\n`);
      probed.push(await probe(each.target, context.signal));
    } catch (thrown) {
      context.signal.throwIfAborted();
      if (!(thrown instanceof CrossbpfError) || thrown.kind === 'usage') throw thrown;
      failed = true;
      context.stderr.write(formatError(thrown, context.stderr));
    } finally {
      progress.clear();
    }
  }
  print(probed, options, context);
  return failed ? EXIT.infrastructure : EXIT.asExpected;
}

async function probe(target: Target, signal: AbortSignal): Promise<ProbedTarget> {
  await using connection = await target.open(signal);
  const features = await connection.features({
    helpers: true,
    kfuncs: true,
    hooks: true,
    contexts: false,
  });
  return { id: target.id, release: connection.facts.release, features };
}

function print(
  probed: readonly ProbedTarget[],
  { diff, json }: FeaturesCommandOptions,
  { stdout }: CommandContext,
): void {
  const [first, second] = probed;
  const format = { color: stdout.color, columns: stdout.columns };
  if (!diff && json) {
    const targets = probed.map(({ id, release, features: { type: _, id: __, ...features } }) => {
      return { id, release, ...features };
    });
    stdout.write(jsonText({ schema: 'crossbpf/features@1', targets }));
  } else if (!diff) {
    stdout.write(probed.map(each => formatFeatures(each, format)).join('\n'));
  } else if (first !== undefined && second !== undefined) {
    const pair = [first, second] as const;
    if (json) stdout.write(jsonText(differencesDocument(pair)));
    else stdout.write(formatDifferences(pair, format));
  }
}

interface PlanContext {
  readonly options: FeaturesCommandOptions;
  readonly loaded: LoadedConfig;
  readonly context: CommandContext;
  readonly holds: FileHolds;
  readonly progress: ProgressDisplay;
}

function planTargets(names: readonly string[], plan: PlanContext) {
  const { options, loaded, context, holds, progress } = plan;
  return createTargets(names, {
    ...{ accel: options.accel, fresh: false, memoryMiB: loaded.config.memory },
    folder: options.target.length > 0 ? context.folder : loaded.root,
    remotes: absoluteRemotes(loaded.config.remotes, loaded.root, homedir()),
    onNotice: (target, message) => progress.onEvent({ type: 'target:notice', target, message }),
    lockFile: path.join(loaded.root, LOCK_FILE),
    ...{ cacheRoot: context.cacheRoot, packageRoot: context.packageRoot },
    ...{ environment: context.environment, signal: context.signal },
    onSnapshot: (target, event) => progress.onEvent({ type: 'target:snapshot', target, event }),
    hold: file => holds.hold(file),
    onProgress: event => progress.onEvent({ type: 'kernel:progress', progress: event }),
  });
}

function wantsTwo(names: readonly string[]): CrossbpfError {
  return new CrossbpfError({
    code: 'USAGE_DIFF',
    message: `a difference is between two targets, not ${new Set(names).size}`,
    hint: 'crossbpf features -t linux@6.1 -t linux@6.12 --diff',
  });
}
