import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import type { z } from 'zod';
import { asError, CrossbpfError } from '../crossbpf-error.ts';
import { type Config, configSchema } from './config-schema.ts';
import { nearest } from './nearest.ts';

const FILE_NAMES = ['crossbpf.config.ts', 'crossbpf.config.mjs', 'crossbpf.config.js'];

export interface LoadedConfig {
  readonly config: Config;
  /** The folder that paths in the configuration are relative to. */
  readonly root: string;
  /** The file; absent when there is none and all is default. */
  readonly file?: string;
}

/**
 * Loads the configuration: the named file, else `crossbpf.config.{ts,mjs,js}` in the folder or the
 * nearest one above it, else the defaults.
 *
 * @throws CrossbpfError `USAGE_NO_SUCH_CONFIG` or `USAGE_BAD_CONFIG`.
 */
export async function loadConfig(folder: string, named?: string): Promise<LoadedConfig> {
  const file = named === undefined ? await findUpwards(folder) : path.resolve(folder, named);
  if (file === undefined) return { config: configSchema.parse({}), root: folder };
  if (named !== undefined && !(await exists(file))) {
    throw new CrossbpfError({
      code: 'USAGE_NO_SUCH_CONFIG',
      message: 'no such file',
      file: named,
      hint: `Leave --config out to use the nearest ${FILE_NAMES[0]}, or the defaults.`,
    });
  }
  return { config: parseConfig(await importDefault(file), file), root: path.dirname(file), file };
}

async function findUpwards(folder: string): Promise<string | undefined> {
  for (const name of FILE_NAMES) {
    const file = path.join(folder, name);
    if (await exists(file)) return file;
  }
  const parent = path.dirname(folder);
  return parent === folder ? undefined : findUpwards(parent);
}

async function importDefault(file: string): Promise<unknown> {
  try {
    return defaultExport(await import(pathToFileURL(file).href));
  } catch (thrown) {
    throw await cannotImport(file, asError(thrown));
  }
}

/** A file without any `export` is CommonJS to Node: its default is what it assigned to `module.exports`. */
function defaultExport(module: { default?: unknown; 'module.exports'?: unknown }): unknown {
  const { default: value, 'module.exports': common } = module;
  const assignedNothing = common !== undefined && isEmptyObject(common);
  return assignedNothing ? undefined : value;
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

const EXAMPLE = "export default { targets: ['linux@6.12'] };";

function parseConfig(value: unknown, file: string): Config {
  if (value === undefined) {
    throw badConfig({ file, message: 'it has no default export', hint: `Write ${EXAMPLE}` });
  }
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const message = parsed.error.issues.map(describeIssue).join('; ');
  const keys = Object.keys(configSchema.shape).join(', ');
  throw badConfig({ file, message, hint: `A configuration can have ${keys}.` });
}

/** Why a module cannot be imported: its own error, with its line where that is in the file. */
async function cannotImport(file: string, error: Error): Promise<CrossbpfError> {
  const isSyntax = error instanceof SyntaxError;
  const line = lineOf(file, error.stack ?? '') ?? (isSyntax ? await checkedLine(file) : undefined);
  const message = error.message.replace(/\s*\n\s*/g, ' ');
  const isOurs = /Cannot find (?:package|module) 'crossbpf'/.test(message);
  const hint = isOurs
    ? `Install it (npm install --save-dev crossbpf), or do without the import: ${EXAMPLE}`
    : undefined;
  return badConfig({ file, line, message, hint, cause: error });
}

/** Of a syntax error in JavaScript Node tells the line only on its own standard error. */
async function checkedLine(file: string): Promise<string | undefined> {
  const { stderr } = await execa(process.execPath, ['--check', file], { reject: false });
  return lineOf(file, stderr);
}

/** Node puts `FILE:LINE` before a syntax error's stack, and `FILE:LINE:COLUMN` into every frame. */
function lineOf(file: string, stack: string): string | undefined {
  const at = [pathToFileURL(file).href, file]
    .map(place => stack.indexOf(`${place}:`))
    .find(index => index >= 0);
  return at === undefined ? undefined : /:(\d+)(?::\d+)?\)?$/m.exec(stack.slice(at))?.[1];
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys')
    return where === '' ? issue.message : `${where}: ${issue.message}`;
  const known =
    issue.path[0] === 'compiler'
      ? ['command', 'flags', 'include']
      : Object.keys(configSchema.shape);
  return issue.keys
    .map(key => {
      const close = nearest(key, known);
      const name = [...issue.path, key].join('.');
      return close === undefined
        ? `unknown key ${name}`
        : `unknown key ${name} (did you mean ${close}?)`;
    })
    .join('; ');
}

interface BadConfig {
  readonly file: string;
  readonly line?: string | undefined;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

function badConfig({ file, line, message, hint, cause }: BadConfig): CrossbpfError {
  const place = path.relative(process.cwd(), file) || file;
  return new CrossbpfError({
    ...{ code: 'USAGE_BAD_CONFIG', message, cause },
    file: line === undefined ? place : `${place}:${line}`,
    ...(hint === undefined ? {} : { hint }),
  });
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
