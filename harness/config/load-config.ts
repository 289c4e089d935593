import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
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
    throw new CrossbpfError({ code: 'USAGE_NO_SUCH_CONFIG', message: `no such file: ${named}` });
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
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    return module.default;
  } catch (thrown) {
    throw badConfig(file, asError(thrown).message, thrown);
  }
}

function parseConfig(value: unknown, file: string): Config {
  if (value === undefined) throw badConfig(file, 'it has no default export');
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw badConfig(file, parsed.error.issues.map(describeIssue).join('; '));
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

function badConfig(file: string, message: string, cause?: unknown): CrossbpfError {
  return new CrossbpfError({
    code: 'USAGE_BAD_CONFIG',
    file: path.relative(process.cwd(), file) || file,
    message,
    hint: "Start from: import { defineConfig } from 'crossbpf'; export default defineConfig({ targets: ['linux@6.12'] });",
    cause,
  });
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
