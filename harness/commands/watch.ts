import path from 'node:path';
import type { LoadedConfig } from '../config/load-config.ts';
import { platformsOf } from '../config/platform.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import { FileWatcher } from '../fixtures/file-watcher.ts';
import type { Fixture } from '../fixtures/fixture.ts';
import { readProgramTypes } from '../fixtures/program-types.ts';
import type { ReadFixturesOptions } from '../fixtures/read-fixtures.ts';
import { namedFixtures } from './choose-sources.ts';
import type { CommandContext } from './context.ts';
import { formatError } from './failure.ts';
import { namedTargets } from './named-targets.ts';
import { type PreparedFixtures, prepareFixtures } from './prepare-fixtures.ts';

export interface WatchOptions {
  readonly patterns: readonly string[];
  readonly loaded: LoadedConfig;
  readonly options: { readonly target: readonly string[]; readonly type?: readonly string[] };
  readonly context: CommandContext;
  /** Runs fixtures and shows the result. */
  readonly run: (prepared: PreparedFixtures) => Promise<unknown>;
}

/**
 * Runs all fixtures, then after each change those that it made other ones, until the signal of the
 * context is aborted, with whose reason it rejects.
 */
export async function watchFixtures(options: WatchOptions): Promise<never> {
  const { patterns, loaded, context, run } = options;
  const { patterns: watched, base } = namedFixtures(patterns, loaded, context);
  await using watcher = new FileWatcher();
  watcher.follow(watched.map(pattern => path.resolve(base, pattern)));
  const seen = new Map<string, string>();
  const followed = new Set<string>();
  for (let generation = 0; ; generation += 1) {
    const { fixtures, broken } = await prepareOrSay(options, {
      generation,
      onInputs: files => watcher.follow(files.filter(file => isNew(file, followed))),
    });
    watcher.follow(fixtures.flatMap(fixture => fixture.inputs));
    const changed = fixtures.filter(fixture => seen.get(fixture.id) !== identity(fixture));
    for (const fixture of changed) seen.set(fixture.id, identity(fixture));
    // What is wrong with them has been printed; once mended, they are run again even as they were before.
    for (const { id } of broken) seen.delete(id);
    if (changed.length > 0) await run({ fixtures: changed, broken });
    context.stderr.write('waiting for a change (Ctrl-C ends)\n');
    await watcher.nextChange(context.signal);
  }
}

/** A fixture that cannot be used now may be mended by the next change. */
async function prepareOrSay(
  { patterns, options, loaded, context }: WatchOptions,
  reading: Pick<ReadFixturesOptions, 'generation' | 'onInputs'>,
): Promise<PreparedFixtures> {
  try {
    const platforms = platformsOf(namedTargets(options.target, loaded));
    const types = readProgramTypes(options.type ?? []);
    return await prepareFixtures(patterns, loaded, {
      ...context,
      ...reading,
      platforms,
      types,
      targets: options.target,
    });
  } catch (thrown) {
    if (!(thrown instanceof CrossbpfError) || thrown.kind !== 'usage') throw thrown;
    context.stderr.write(formatError(thrown, context.stderr));
    return { fixtures: [], broken: [] };
  }
}

function identity({ sha256, declared, types, scenario, elsewhere = {} }: Fixture): string {
  const others = Object.values(elsewhere).map(form =>
    form.kind === 'made' ? form.fixture.sha256 : form.kind,
  );
  return JSON.stringify([sha256, declared, types, scenario?.digest, others]);
}

function isNew(file: string, known: Set<string>): boolean {
  const isKnown = known.has(file);
  known.add(file);
  return !isKnown;
}
