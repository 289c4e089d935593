import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { requireTrustedFile } from '../config/trusted-file.ts';
import { asError } from '../crossbpf-error.ts';
import { describeIssues } from './describe-issues.ts';
import { type FaultyFile, faultyScenario } from './faults.ts';
import { badScenario } from './scenario-error.ts';
import type { ScenarioImporter } from './scenario-importer.ts';
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
  readonly importer: ScenarioImporter;
}

export const SCENARIO_SUFFIXES = ['ts', 'mts', 'js', 'mjs', 'json'].map(end => `.scenario.${end}`);

/** Where the scenario of a fixture can be: `NAME.scenario.ts`, say, beside `NAME.bpf.c` or `NAME.o`. */
export function scenarioNames(fixture: string): string[] {
  const name = path.basename(fixture).replace(/(\.bpf)?\.[co]$/, '');
  return SCENARIO_SUFFIXES.map(suffix => path.join(path.dirname(fixture), `${name}${suffix}`));
}

/** Whether there is a scenario beside a fixture that has to be imported. */
export function hasScenarioModule(fixture: string, root: string): boolean {
  const modules = scenarioNames(fixture).filter(name => !name.endsWith('.json'));
  return modules.some(name => existsSync(path.resolve(root, name)));
}

/**
 * Reads the scenario beside a fixture; undefined where there is none.
 *
 * @throws CrossbpfError `USAGE_BAD_SCENARIO` for one that cannot be imported or read, or that the schema refuses;
 * `USAGE_UNTRUSTED_FILE` for a module of another user.
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
  // JSON is no code.
  if (!isJson) await requireTrustedFile(absolute, file);
  const text = await readText(absolute, file);
  const faulty = { file, text };
  const scenario = isJson ? parse(faulty) : await load(absolute, faulty, options);
  const inputs = isJson ? [absolute] : options.importer.modulesOf(absolute);
  return { scenario, file, text, inputs };
}

async function exists(file: string, root: string): Promise<boolean> {
  return (await stat(path.resolve(root, file)).catch(() => undefined)) !== undefined;
}

async function readText(absolute: string, file: string): Promise<string> {
  return readFile(absolute, 'utf8').catch(cause => {
    throw badScenario(`it cannot be read (${cause.code})`, { file, cause });
  });
}

function parse({ file, text }: FaultyFile): Scenario {
  const parsed = scenarioSchema.safeParse(parseJson(text, file));
  if (!parsed.success) throw faultyScenario(describeIssues(parsed.error), { file, text });
  return parsed.data;
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
  { file, text }: FaultyFile,
  { importer, root }: ReadScenarioOptions,
): Promise<Scenario> {
  const imported = await importer.import(absolute);
  switch (imported.kind) {
    case 'scenario':
      return imported.scenario;
    case 'refused':
      throw faultyScenario(imported.issues, { file, text });
    case 'empty': {
      const hint = 'Write export default defineScenario({ … }).';
      throw badScenario('it has no default export', { file, hint });
    }
    case 'failed': {
      const { message, file: place, line, hint } = imported;
      if (place === absolute) throw badScenario(message, { file, line, hint });
      const importing = `${message} (${file} imports it)`;
      throw badScenario(importing, { file: path.relative(root, place), line, hint });
    }
  }
}
