import path from 'node:path';
import { createInspector } from '../agent/inspect-object.ts';
import { checkDeclarations } from '../compare/declared.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { architectureOf, parseTargetName } from '../config/target-name.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import type { BrokenFixture, Fixture } from '../fixtures/fixture.ts';
import {
  type FixtureOutcome,
  type ReadFixturesOptions,
  readFixtures,
} from '../fixtures/read-fixtures.ts';
import { vmlinuxHeader } from '../fixtures/vmlinux-header.ts';
import { createColors } from '../report/colors.ts';
import { formatDiagnostics } from '../report/diagnostics.ts';
import { type ChosenSources, chooseSources } from './choose-sources.ts';
import type { CommandContext } from './context.ts';
import { formatError } from './failure.ts';
import { namedTargets } from './named-targets.ts';
import { newestKernel } from './vmlinux-kernel.ts';

/** The fixtures of a command line: those that can be run, and those that cannot. */
export interface PreparedFixtures {
  readonly fixtures: readonly Fixture[];
  readonly broken: readonly BrokenFixture[];
}

/**
 * Finds, compiles and reads the fixtures of a command line, or those of the configuration. What is wrong with one of them
 * is printed at once, and stops no other.
 *
 * @throws CrossbpfError for what concerns all of them: no such file, no compiler.
 */
export async function prepareFixtures(
  patterns: readonly string[],
  loaded: LoadedConfig,
  context: CommandContext &
    Pick<ReadFixturesOptions, 'generation' | 'onInputs' | 'platforms' | 'scenarios' | 'types'> & {
      /** The targets of the command line. */
      readonly targets?: readonly string[];
      /** What was chosen already; absent: what the patterns name. */
      readonly chosen?: ChosenSources;
    },
): Promise<PreparedFixtures> {
  const { config, root } = loaded;
  const { cacheRoot, packageRoot, environment, signal, stderr } = context;
  const { sources, base } = context.chosen ?? (await chooseSources(patterns, loaded, context));
  const include = config.compiler.include.map(folder => path.resolve(root, folder));
  const onDamaged = (file: string) =>
    stderr.write(`the cached file ${file} is damaged, and is made anew\n`);
  const vmlinux = async () => vmlinuxHeader(await newestKernel(loaded, context), context);
  const outcomes = await readFixtures(sources, {
    ...{ compiler: { ...config.compiler, include }, root: base, cacheRoot, environment, signal },
    ...{ generation: context.generation, onInputs: context.onInputs },
    ...{ platforms: context.platforms, scenarios: context.scenarios, packageRoot },
    types: context.types,
    targetArch: targetArchitecture(loaded, context.targets),
    vmlinux,
    scenarioFiles: config.scenarioFiles.map(file => path.resolve(root, file)),
    inspect: createInspector({ packageRoot, cacheRoot, signal, onDamaged }),
    onDamaged,
  });
  const fixtures: Fixture[] = [];
  const broken: BrokenFixture[] = [];
  for (const outcome of outcomes.map(checkOutcome)) {
    if (outcome.kind === 'ready') {
      for (const warnings of warningsOf(outcome.fixture)) {
        stderr.write(`${formatDiagnostics(warnings, createColors(stderr.color))}\n`);
      }
      fixtures.push(outcome.fixture);
    } else {
      // It concerns all of them: no clang, say.
      if (outcome.error.kind === 'infrastructure') throw outcome.error;
      broken.push({ ...outcome.source, error: outcome.error });
    }
  }
  for (const { error } of broken) stderr.write(formatError(error, stderr));
  return { fixtures, broken };
}

/** A fixture whose source declares what can never hold cannot be used. */
function checkOutcome(outcome: FixtureOutcome): FixtureOutcome {
  if (outcome.kind === 'failed') return outcome;
  try {
    checkDeclarations(outcome.fixture);
    return outcome;
  } catch (error) {
    if (!(error instanceof CrossbpfError)) throw error;
    const { id, file, kind } = outcome.fixture;
    return { kind: 'failed', source: { id, file, kind }, error };
  }
}

/** The architecture of a run's guests; undefined where there are none, or of several. */
function targetArchitecture(loaded: LoadedConfig, names: readonly string[] = []) {
  const host = architectureOf(process.arch);
  const targets = namedTargets(names, loaded).map(name =>
    parseTargetName(name, host, loaded.config.remotes),
  );
  const found = new Set(
    targets.flatMap(target => (target.kind === 'linux-vm' ? [target.arch] : [])),
  );
  return found.size === 1 ? [...found][0] : undefined;
}

/** What the compiler warned of on any platform, once. */
function warningsOf(fixture: Fixture): string[] {
  const elsewhere = Object.values(fixture.elsewhere ?? {});
  const others = elsewhere.map(form => (form.kind === 'made' ? form.fixture.warnings : ''));
  return [...new Set([fixture.warnings, ...others])].filter(each => each !== '');
}
