import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { asError } from '../crossbpf-error.ts';
import { describeIssues } from './describe-issues.ts';
import { faultyScenario } from './faults.ts';
import type { FreshModules } from './fresh-modules.ts';
import { badScenario } from './scenario-error.ts';
import { type Scenario, scenarioSchema } from './scenario-schema.ts';

/** A scenario as its file says it, before it is held against the object. */
export interface ReadScenario {
  readonly scenario: Scenario;
  /** Relative to the working folder. */
  readonly file: string;
  readonly text: string;
  /** The file and the modules that it imports, by absolute path. */
  readonly inputs: readonly string[];
}

export interface ReadScenarioOptions {
  /** The working folder. */
  readonly root: string;
  readonly modules: FreshModules;
}

export const SCENARIO_SUFFIXES = ['ts', 'mts', 'js', 'mjs', 'json'].map(end => `.scenario.${end}`);

/** Milliseconds that a scenario may take to be imported: it may wait for something that never comes. */
const IMPORT_MS = 10_000;

/** Where the scenario of a fixture can be: `NAME.scenario.ts`, say, beside `NAME.bpf.c` or `NAME.o`. */
export function scenarioNames(fixture: string): string[] {
  const name = path.basename(fixture).replace(/(\.bpf)?\.[co]$/, '');
  return SCENARIO_SUFFIXES.map(suffix => path.join(path.dirname(fixture), `${name}${suffix}`));
}

/**
 * Reads the scenario beside a fixture; undefined where there is none.
 *
 * @throws CrossbpfError `USAGE_BAD_SCENARIO` for one that cannot be imported or read, or that the schema refuses.
 */
export async function readScenario(
  fixture: string,
  options: ReadScenarioOptions,
): Promise<ReadScenario | undefined> {
  const there = await Promise.all(
    scenarioNames(fixture).map(async name => ({ name, isThere: await exists(name, options.root) })),
  );
  const [file, other] = there.filter(({ isThere }) => isThere).map(({ name }) => name);
  if (file === undefined) return undefined;
  if (other !== undefined) {
    const hint = 'A fixture has one scenario: remove one of them.';
    throw badScenario(`there is also ${path.basename(other)}`, { file, hint });
  }
  const absolute = path.resolve(options.root, file);
  const isJson = file.endsWith('.json');
  const text = await readText(absolute, file);
  const value = isJson ? parseJson(text, file) : await load(absolute, file, options);
  const parsed = scenarioSchema.safeParse(value);
  if (!parsed.success) throw faultyScenario(describeIssues(parsed.error), { file, text });
  const inputs = isJson ? [absolute] : options.modules.modulesOf(absolute);
  return { scenario: parsed.data, file, text, inputs };
}

async function exists(file: string, root: string): Promise<boolean> {
  return (await stat(path.resolve(root, file)).catch(() => undefined)) !== undefined;
}

async function readText(absolute: string, file: string): Promise<string> {
  return readFile(absolute, 'utf8').catch(cause => {
    throw badScenario(`it cannot be read (${cause.code})`, { file, cause });
  });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const { message } = asError(cause);
    const [, line] = /\(line (\d+) column \d+\)$/.exec(message) ?? [];
    throw badScenario(message.replace(/ at position .*$/, ''), { file, line, cause });
  }
}

async function load(
  absolute: string,
  file: string,
  { modules, root }: ReadScenarioOptions,
): Promise<unknown> {
  const imported = await importInTime(absolute, file, modules);
  if (imported.kind === 'failed') {
    const { message, file: place, line, cause } = imported;
    if (place === absolute) throw badScenario(message, { file, line, cause });
    const importing = `${message} (${file} imports it)`;
    throw badScenario(importing, { file: path.relative(root, place), line, cause });
  }
  if (imported.value !== undefined) return imported.value;
  const hint = 'Write export default defineScenario({ … }).';
  throw badScenario('it has no default export', { file, hint });
}

/** The timer also keeps Node from ending where a module waits and nothing else is left to do. */
async function importInTime(absolute: string, file: string, modules: FreshModules) {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const message = `its import did not end in ${IMPORT_MS / 1000} s`;
    reject(badScenario(message, { file, hint: 'Does it wait for something?' }));
  }, IMPORT_MS);
  try {
    return await Promise.race([modules.import(absolute), late]);
  } finally {
    clearTimeout(timer);
  }
}
