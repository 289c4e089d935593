import { loadConfig } from '../config/load-config.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import { type CheckResult, checkObjects } from '../portability/check-objects.ts';
import {
  allTargets,
  type CheckTarget,
  parseCheckTarget,
  type Tables,
} from '../portability/check-target.ts';
import { loadTables } from '../portability/load-tables.ts';
import { checkDocument } from '../report/check/check-document.ts';
import { formatCheckMarkdown } from '../report/check/check-markdown.ts';
import { formatCheck } from '../report/check/format-check.ts';
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
  const targets = chooseTargets(options, tables);
  await using work = await openTempFolder('check');
  const files = await readObjects(patterns, loaded, { ...context, work: work.path });
  const result = await checkObjects({ files, targets, tables, cacheRoot, packageRoot, signal });
  const failed = result.objects.filter(({ error }) => error !== null).map(badObject);
  const [first] = failed;
  if (first !== undefined) throw failed.length === 1 ? first : severalBad(failed, context);
  if (options.json) stdout.write(`${JSON.stringify(checkDocument(result), null, 2)}\n`);
  else if (options.markdown) stdout.write(formatCheckMarkdown(result));
  else stdout.write(formatCheck(result, { color: stdout.color, columns: stdout.columns }));
  return stopsOn(result, options.failOn) ? EXIT.different : EXIT.asExpected;
}

function chooseTargets({ target, failOn }: CheckCommandOptions, tables: Tables): CheckTarget[] {
  const named = [...target, ...failOn].map(text => parseCheckTarget(text, tables));
  const chosen = target.length > 0 ? named : [...allTargets(tables), ...named];
  return [...new Map(chosen.map(each => [each.id, each])).values()];
}

/** Whether a program cannot be loaded where it must be. What is unknown does not fail: it is said. */
function stopsOn({ objects }: CheckResult, names: readonly string[]): boolean {
  const programs = objects.flatMap(object => object.programs);
  return programs.some(({ predictions }) =>
    names.some(name => (predictions.get(name)?.stops ?? []).length > 0),
  );
}

function severalBad(errors: readonly CrossbpfError[], { stderr }: CommandContext): CrossbpfError {
  return new CrossbpfError({
    code: 'USAGE_BAD_OBJECT',
    message: `${errors.length} objects cannot be read, so nothing is said of any`,
    output: errors.map(error => formatError(error, stderr)).join(''),
  });
}

function badObject({ file, error }: { readonly file: string; readonly error: string | null }) {
  return new CrossbpfError({
    code: 'USAGE_BAD_OBJECT',
    message: error ?? 'it cannot be read as a BPF object',
    file,
    hint: 'Give an ELF object that was compiled with -target bpf.',
  });
}
