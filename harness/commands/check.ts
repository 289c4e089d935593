import { type LoadedConfig, loadConfig } from '../config/load-config.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import type { BrokenFixture } from '../fixtures/fixture.ts';
import { type BrokenFile, type CheckResult, checkObjects } from '../portability/check-objects.ts';
import {
  allSeries,
  type CheckTarget,
  checkedTargets,
  parseCheckTarget,
  type Tables,
} from '../portability/check-target.ts';
import { loadTables } from '../portability/load-tables.ts';
import type { Problem } from '../portability/prediction.ts';
import { checkDocument } from '../report/check/check-document.ts';
import { formatCheckMarkdown } from '../report/check/check-markdown.ts';
import { formatCheck } from '../report/check/format-check.ts';
import { jsonText } from '../report/sinks/json.ts';
import { showable } from '../report/sinks/showable.ts';
import { openTempFolder } from '../storage/temp-folder.ts';
import type { CommandContext } from './context.ts';
import { EXIT } from './exit-code.ts';
import { formatError } from './failure.ts';
import { readObjects } from './read-objects.ts';

export interface CheckCommandOptions {
  readonly target: readonly string[];
  readonly failOn: readonly string[];
  readonly config?: string;
  readonly json: boolean;
  readonly markdown: boolean;
}

/** `crossbpf check [FIXTURE…]`: what the tables say of programs, without any kernel. */
export async function checkCommand(
  patterns: readonly string[],
  options: CheckCommandOptions,
  context: CommandContext,
): Promise<number> {
  const { stdout, cacheRoot, packageRoot, signal } = context;
  const loaded = await loadConfig(context.folder, options.config);
  const tables = await loadTables();
  const targets = chooseTargets(options, loaded, tables);
  await using work = await openTempFolder('check');
  const { files, broken } = await readObjects(patterns, loaded, { ...context, work: work.path });
  const known = { targets, tables, cacheRoot, packageRoot, signal };
  const result = await checkObjects({ ...known, files, broken: broken.map(toBrokenFile) });
  const told = new Set(broken.map(({ id }) => id));
  for (const object of result.objects) {
    if (object.error === null || told.has(object.id)) continue;
    context.stderr.write(formatError(badObject(object), context.stderr));
  }
  const failed = result.objects.filter(({ error }) => error !== null).length;
  if (options.json) stdout.write(jsonText(checkDocument(result)));
  else if (failed === result.objects.length) return EXIT.usage;
  else if (options.markdown) stdout.write(formatCheckMarkdown(result));
  else stdout.write(formatCheck(result, { color: stdout.color, columns: stdout.columns }));
  if (failed > 0) return EXIT.usage;
  const failures = failuresOn(result, options.failOn);
  for (const line of showable(failures)) context.stderr.write(`--fail-on ${line}\n`);
  return failures.length > 0 ? EXIT.different : EXIT.asExpected;
}

/** Those that are named, else those of the configuration, else every series of Linux that was probed. */
function chooseTargets(
  { target, failOn }: CheckCommandOptions,
  { file, config }: LoadedConfig,
  tables: Tables,
): CheckTarget[] {
  const named = [...target, ...failOn].map(text => parseCheckTarget(text, tables));
  const configured = file === undefined ? [] : checkedTargets(config.targets, tables);
  const usual = configured.length > 0 ? configured : allSeries(tables);
  const chosen = target.length > 0 ? named : [...usual, ...named];
  return [...new Map(chosen.map(each => [each.id, each])).values()];
}

/** The programs that cannot be loaded where they must be, and those of which that is not known, a line each. */
function failuresOn({ objects }: CheckResult, names: readonly string[]): string[] {
  return objects.flatMap(({ file, programs }) =>
    programs.flatMap(({ name, predictions }) =>
      names.flatMap(target => {
        const { stops = [], unknown = [], outcome } = predictions.get(target) ?? {};
        const whats = (outcome === 'unknown' ? unknown : stops).map(describeProblem).join(', ');
        if (stops.length > 0) return [`${target}: ${file}: ${name} does not load: ${whats}`];
        const isOpen = unknown.some(({ what }) => what.startsWith('Linux '));
        return isOpen ? [`${target}: ${file}: whether ${name} loads is unknown: ${whats}`] : [];
      }),
    ),
  );
}

function describeProblem({ what, since, why }: Problem): string {
  const facts = [since ?? '', why].filter(text => text !== '');
  return facts.length === 0 ? what : `${what} (${facts.join('; ')})`;
}

function toBrokenFile({ id, file, error }: BrokenFixture): BrokenFile {
  return { id, file, error: error.message };
}

function badObject({ file, error }: { readonly file: string; readonly error: string | null }) {
  return new CrossbpfError({
    code: 'USAGE_BAD_OBJECT',
    message: error ?? 'it cannot be read as a BPF object',
    file,
    hint: 'Give an ELF object that was compiled with -target bpf.',
  });
}
