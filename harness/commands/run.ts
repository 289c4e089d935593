import { type LoadedConfig, loadConfig } from '../config/load-config.ts';
import { EventRelay } from '../run/event-relay.ts';
import type { CommandContext } from './context.ts';
import type { RunOptions } from './run-once.ts';
import { StartedTargets, type StartTargetsInput } from './started-targets.ts';

/** `crossbpf run [FIXTURE…]`: every fixture on every target, compared. Gives the exit code. */
export async function runCommand(
  patterns: readonly string[],
  options: RunOptions,
  context: CommandContext,
): Promise<number> {
  const loaded = await loadConfig(context.folder, options.config);
  const command = { patterns, options, context, loaded };
  return options.watch ? watch(command) : runAll(command);
}

interface RunCommand {
  readonly patterns: readonly string[];
  readonly options: RunOptions;
  readonly context: CommandContext;
  readonly loaded: LoadedConfig;
}

async function runAll(command: RunCommand): Promise<number> {
  const { patterns, options } = command;
  const events = new EventRelay();
  const targets = startTargets(command, { listener: events.emit });
  await targets.underWay();
  // Loaded while the first guests start.
  const { runOnce } = await import('./run-once.ts');
  // What is left out of a run says nothing of the baseline's entries for it.
  const isWhole = patterns.length === 0 && !options.bail;
  return await runOnce({ ...command, isWhole, targets, events });
}

async function watch(command: RunCommand): Promise<never> {
  const [{ watchFixtures }, { runOnce }, { SpareGuests }] = await Promise.all([
    import('./watch.ts'),
    import('./run-once.ts'),
    import('../targets/spare-guests.ts'),
  ]);
  await using spares = new SpareGuests();
  return await watchFixtures({
    ...command,
    async run(prepared) {
      const events = new EventRelay();
      const targets = startTargets(command, { listener: events.emit, spares });
      return runOnce({ ...command, isWhole: false, targets, events, prepared });
    },
  });
}

function startTargets(
  { options, loaded, context }: RunCommand,
  more: Pick<StartTargetsInput, 'listener' | 'spares'>,
): StartedTargets {
  const { target: targets, jobs, accel, fresh } = options;
  return new StartedTargets({
    ...{ loaded, context, ...more, options: { targets, jobs, accel, fresh } },
  });
}
