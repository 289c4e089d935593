import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findPackage } from '../../harness/commands/find-package.ts';
import type { ProgramTypes } from '../../harness/fixtures/program-types.ts';
import type { Report } from '../../harness/index.ts';
import { type CheckResult, checkObjects } from '../../harness/portability/check-objects.ts';
import { parseCheckTarget } from '../../harness/portability/check-target.ts';
import { loadTables } from '../../harness/portability/load-tables.ts';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { DEBIAN_TARGETS } from './debian-objects.ts';

/** What is checked, and what is run: also the targets of the suite. */
export const AGREEMENT_TARGETS = DEBIAN_TARGETS;

/** What `check` said of a program on a target, and what the kernel did. */
export interface Pair {
  /** `fixture program`. */
  readonly program: string;
  readonly target: string;
  readonly predicted: 'loads' | 'stops' | 'unknown';
  readonly measured: 'loads' | 'stops';
  /** What the kernel said. */
  readonly reason: string | null;
}

/** An object to check, by the name of its fixture without folder and ending. */
export interface NamedObject {
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly types?: ProgramTypes | undefined;
}

const cache = cacheRoot(process.env);
const { packageRoot } = findPackage(import.meta.dirname);

/** Predicts all programs of some objects, for each target. */
export async function predict(objects: readonly NamedObject[]): Promise<CheckResult> {
  await using folder = await openTempFolder('e2e-agreement');
  const tables = await loadTables();
  const files = objects.map(({ id }) => path.join(folder.path, `${id}.o`));
  await Promise.all(objects.map(({ bytes }, index) => writeFile(files[index] ?? '', bytes)));
  return await checkObjects({
    files: objects.map(({ id, types = {} }, index) => {
      const file = files[index] ?? '';
      return { id, file, path: file, types };
    }),
    targets: AGREEMENT_TARGETS.map(target => parseCheckTarget(target, tables)),
    tables,
    cacheRoot: cache,
    packageRoot,
  });
}

/** Holds predictions against what kernels said. Throws where nothing was predicted of a program. */
export function pairUp(report: Report, { objects }: CheckResult): Pair[] {
  return report.fixtures.flatMap(({ id, results }) => {
    const fixture = path.basename(id);
    const object = objects.find(each => each.id === fixture);
    return AGREEMENT_TARGETS.flatMap(target =>
      Object.entries(results[target]?.programs ?? {}).flatMap(([name, { verdict, reason }]) => {
        const program = object?.programs.find(each => each.name === name);
        const predicted = program?.predictions.get(target)?.outcome;
        if (predicted === undefined) throw new Error(`nothing was said of ${fixture} ${name}`);
        const measured = verdict === 'accept' ? 'loads' : 'stops';
        return [{ program: `${fixture} ${name}`, target, predicted, measured, reason } as const];
      }),
    );
  });
}

/** Where the prediction was another than the kernel's answer. */
export function missesOf(pairs: readonly Pair[]): Pair[] {
  return pairs.filter(({ predicted, measured }) => predicted !== measured);
}

/** The entry of a list of misses that stands for a program; undefined for none. */
export function reasonFor(
  program: string,
  misses: Readonly<Record<string, string>>,
): string | undefined {
  const name = Object.keys(misses).find(each => program.startsWith(each));
  return name === undefined ? undefined : misses[name];
}

/** The entries that no program was missed by. */
export function unusedReasons(
  pairs: readonly Pair[],
  misses: Readonly<Record<string, string>>,
): string[] {
  const missed = missesOf(pairs).map(({ program }) => program);
  return Object.keys(misses).filter(name => !missed.some(program => program.startsWith(name)));
}
