import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { CrossbpfError } from '../crossbpf-error.ts';
import { type Config, configSchema } from './config-schema.ts';
import { importDefault } from './import-default.ts';
import { nearest } from './nearest.ts';
import { requireTrustedFile } from './trusted-file.ts';

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
 * @throws CrossbpfError `USAGE_NO_SUCH_CONFIG`, `USAGE_UNTRUSTED_FILE` or `USAGE_BAD_CONFIG`.
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
  await requireTrustedFile(file, path.relative(process.cwd(), file) || file);
  return { config: parseConfig(await importConfig(file), file), root: path.dirname(file), file };
}

async function findUpwards(folder: string): Promise<string | undefined> {
  for (const name of FILE_NAMES) {
    const file = path.join(folder, name);
    if (await exists(file)) return file;
  }
  const parent = path.dirname(folder);
  return parent === folder ? undefined : findUpwards(parent);
}

async function importConfig(file: string): Promise<unknown> {
  const imported = await importDefault(file);
  if (imported.kind === 'imported') return imported.value;
  const { message, line, cause } = imported;
  const isOurs = /Cannot find (?:package|module) 'crossbpf'/.test(message);
  const hint = isOurs
    ? `Install it (npm install --save-dev crossbpf), or do without the import: ${EXAMPLE}`
    : undefined;
  throw badConfig({ file: imported.file, line, message, hint, cause });
}

const EXAMPLE = "export default { targets: ['linux@6.12'] };";

function parseConfig(value: unknown, file: string): Config {
  if (value === undefined) {
    throw badConfig({ file, message: 'it has no default export', hint: `Write ${EXAMPLE}` });
  }
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const message = parsed.error.issues.flatMap(insideOfUnion).map(describeIssue).join('; ');
  const keys = Object.keys(configSchema.shape).join(', ');
  throw badConfig({ file, message, hint: `A configuration can have ${keys}.` });
}

const NESTED_KEYS: Readonly<Record<string, readonly string[]>> = {
  compiler: ['command', 'flags', 'include'],
  baseline: ['insns', 'maxInsns', 'nearLimit'],
  remotes: ['kind', 'host', 'port', 'identity', 'sshConfig', 'folder', 'machine', 'command'],
};

/** Of a value that can have several forms, what is wrong with it in the form that it comes nearest to. */
function insideOfUnion(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code === 'invalid_key')
    return issue.issues.map(each => ({ ...each, path: issue.path }));
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const isOtherForm = ([first]: readonly z.core.$ZodIssue[]) =>
    first?.code === 'invalid_type' && first.path.length === 0;
  const form = issue.errors.find(issues => !isOtherForm(issues)) ?? issue.errors[0] ?? [];
  return form.map(each => ({ ...each, path: [...issue.path, ...each.path] }));
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys')
    return where === '' ? issue.message : `${where}: ${issue.message}`;
  const known = NESTED_KEYS[String(issue.path[0])] ?? Object.keys(configSchema.shape);
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
