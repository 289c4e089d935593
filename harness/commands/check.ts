import { loadConfig } from '../config/load-config.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import type { BrokenFixture } from '../fixtures/fixture.ts';
import { type BrokenFile, type CheckResult, checkObjects } from '../portability/check-objects.ts';
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
import { jsonText } from '../report/sinks/json.ts';
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
