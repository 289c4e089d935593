import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInspector } from '../agent/inspect-object.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import { findFixtures } from '../fixtures/find-fixtures.ts';
import type { Fixture } from '../fixtures/fixture.ts';
import { type ReadFixturesOptions, readFixtures } from '../fixtures/read-fixtures.ts';
import type { CommandContext } from './context.ts';
import { formatError } from './failure.ts';

/**
 * What a command line names, or the configuration where it names nothing, and the folder it is relative to. Without
 * either that is the working folder, if it has none that is called as the configuration's default.
 */
export function namedFixtures(
  patterns: readonly string[],
  { config, root, file }: LoadedConfig,
  { folder }: CommandContext,
): { readonly patterns: readonly string[]; readonly base: string } {
  if (patterns.length > 0) return { patterns, base: folder };
  const hasDefault = config.fixtures.some(name => existsSync(path.join(root, name)));
  if (file === undefined && !hasDefault) return { patterns: ['.'], base: root };
  return { patterns: config.fixtures, base: root };
}

/**
 * Finds, compiles and reads the fixtures of a command line, or those of the configuration. What is
 * wrong with any of them is said for all of them, and nothing is run then.
 */
export async function prepareFixtures(
  patterns: readonly string[],
  loaded: LoadedConfig,
  context: CommandContext &
    Pick<ReadFixturesOptions, 'generation' | 'onInputs' | 'platforms' | 'scenarios'>,
): Promise<Fixture[]> {
  const { config, root } = loaded;
  const { base, ...named } = namedFixtures(patterns, loaded, context);
  const sources = await findFixtures(named.patterns, base);
  const { cacheRoot, packageRoot, environment, signal, stderr } = context;
  const include = config.compiler.include.map(folder => `${root}/${folder}`);
  const onDamaged = (file: string) =>
    stderr.write(`the cached file ${file} is damaged, and is made anew\n`);
  const outcomes = await readFixtures(sources, {
    ...{ compiler: { ...config.compiler, include }, root: base, cacheRoot, environment, signal },
    ...{ generation: context.generation, onInputs: context.onInputs },
    ...{ platforms: context.platforms, scenarios: context.scenarios, packageRoot },
    inspect: createInspector({ packageRoot, cacheRoot, signal, onDamaged }),
    onDamaged,
    color: stderr.color,
  });
  const errors = outcomes.flatMap(outcome => (outcome.kind === 'failed' ? [outcome.error] : []));
  const different = new Map(errors.map(error => [formatError(error, { color: false }), error]));
  const [first] = different.values();
  // What is wrong with all of them in the same way (no clang, say) is said once.
  if (first !== undefined) throw different.size === 1 ? first : severalFailed(errors, context);
  return outcomes.flatMap(outcome => {
    if (outcome.kind === 'failed') return [];
    for (const warnings of warningsOf(outcome.fixture)) stderr.write(`${warnings.trimEnd()}\n`);
    return [outcome.fixture];
  });
}

/** What the compiler warned of on any platform, once. */
function warningsOf(fixture: Fixture): string[] {
  const elsewhere = Object.values(fixture.elsewhere ?? {});
  const others = elsewhere.map(form => (form.kind === 'made' ? form.fixture.warnings : ''));
  return [...new Set([fixture.warnings, ...others])].filter(each => each !== '');
}

function severalFailed(errors: readonly CrossbpfError[], context: CommandContext): CrossbpfError {
  const kind = errors.find(error => error.kind === 'infrastructure') ?? errors[0];
  return new CrossbpfError({
    code: kind?.code ?? 'USAGE_FIXTURES',
    message: `${errors.length} fixtures cannot be used, so nothing was run`,
    output: errors.map(error => formatError(error, context.stderr)).join(''),
  });
}
