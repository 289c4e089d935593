import type { LoadedConfig } from '../config/load-config.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import { type CheckedFile, type CheckResult, checkObjects } from '../portability/check-objects.ts';
import { type CheckTarget, parseCheckTarget, type Tables } from '../portability/check-target.ts';
import { loadTables } from '../portability/load-tables.ts';
import { openTempFolder } from '../storage/temp-folder.ts';
import type { CommandContext } from './context.ts';
import { readObjects } from './read-objects.ts';

/** What a run was asked for. */
export interface Asked {
  /** Fixtures as they were named. */
  readonly patterns: readonly string[];
  readonly loaded: LoadedConfig;
  readonly context: CommandContext;
}

/** A machine whose name says no release is taken for one of the newest. */
function targetOf(id: string, tables: Tables): CheckTarget {
  const name = /^windows@[\d.]+$/.test(id) ? id : 'windows';
  return { ...parseCheckTarget(name, tables), id };
}

/** What the tables say of a run's programs on targets of Windows; undefined where nothing of them is for Linux. */
export async function checkUnreached(
  names: readonly string[],
  asked: Asked,
): Promise<CheckResult | undefined> {
  const { cacheRoot, packageRoot, signal } = asked.context;
  const tables = await loadTables();
  const targets = names.map(name => targetOf(name, tables));
  await using work = await openTempFolder('static');
  const files = await objectsForLinux(work.path, asked);
  if (files === undefined) return undefined;
  return await checkObjects({ files, targets, tables, cacheRoot, packageRoot, signal });
}

/** The tables know the names that Linux has for things. What is not for Linux at all cannot be told of. */
async function objectsForLinux(
  work: string,
  asked: Asked,
): Promise<readonly CheckedFile[] | undefined> {
  const { patterns, loaded, context } = asked;
  const silent = { ...context.stderr, write: () => {} };
  try {
    const { files } = await readObjects(patterns, loaded, { ...context, stderr: silent, work });
    return files.length === 0 ? undefined : files;
  } catch (thrown) {
    if (thrown instanceof CrossbpfError) return undefined;
    throw thrown;
  }
}
