import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { findPackage } from '../../harness/commands/find-package.ts';
import type { Report } from '../../harness/index.ts';
import { type CheckResult, checkObjects } from '../../harness/portability/check-objects.ts';
import { parseCheckTarget } from '../../harness/portability/check-target.ts';
import { loadTables } from '../../harness/portability/load-tables.ts';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { DEBIAN_TARGETS, findDebianObjects, runDebianObjects } from '../support/debian-objects.ts';
import { runBootedSuite } from '../support/suite.ts';
import { MISSES } from './check-misses.ts';

/** What is checked, and what is run: also the targets of the suite. */
const TARGETS = DEBIAN_TARGETS;

const cache = cacheRoot(process.env);
const { packageRoot } = findPackage(import.meta.dirname);

interface Pair {
  /** `fixture program`. */
  readonly program: string;
  readonly target: string;
  readonly predicted: 'loads' | 'stops' | 'unknown';
  readonly measured: 'loads' | 'stops';
  readonly reason: string | null;
}

let pairs: readonly Pair[];

/** What kernels say is shared with other tests: the suite's own, and the one of Debian's objects. */
beforeAll(async () => {
  await using folder = await openTempFolder('e2e-agreement');
  const write = async (id: string, object: Uint8Array) => {
    const file = path.join(folder.path, `${id}.o`);
    await writeFile(file, object);
    return file;
  };
  const suite = await runBootedSuite();
  const found = await findDebianObjects();
  const debian = found.filter(({ programs }) => programs.length > 0);
  const files = await Promise.all([
    ...suite.fixtures.map(({ id, object }) => write(path.basename(id), object)),
    ...debian.map(({ id, bytes }) => write(id, bytes)),
  ]);
  const checked = await check(files);
  pairs = [suite.report, await runDebianObjects(found)].flatMap(each => pairUp(each, checked));
}, 1_800_000);

async function check(files: readonly string[]): Promise<CheckResult> {
  const tables = await loadTables();
  return checkObjects({
    files: files.map(file => ({ id: idOf(file), file, path: file })),
    targets: TARGETS.map(target => parseCheckTarget(target, tables)),
    ...{ tables, cacheRoot: cache, packageRoot },
  });
}

function idOf(file: string): string {
  return path.basename(file, '.o');
}

function pairUp(report: Report, { objects }: CheckResult): Pair[] {
  return report.fixtures.flatMap(({ id, results }) => {
    const fixture = path.basename(id);
    const object = objects.find(each => each.id === fixture);
    return TARGETS.flatMap(target =>
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

function misses(): Pair[] {
  return pairs.filter(({ predicted, measured }) => predicted !== measured);
}

test('check agrees with what kernels say of at least 98.5 % of programs', async ({ annotate }) => {
  const share = 1 - misses().length / pairs.length;
  await annotate(
    `${(100 * share).toFixed(2)} % of ${pairs.length} pairs, ${misses().length} missed`,
  );
  expect(pairs.length).toBeGreaterThan(4000);
  expect(share).toBeGreaterThanOrEqual(0.985);
});

describe.each(TARGETS)('%s', target => {
  test('each miss is listed with why', () => {
    const missed = misses().filter(each => each.target === target);
    const unlisted = missed.filter(({ program }) => reasonFor(program) === undefined);
    expect(unlisted).toEqual([]);
  });
});

test('what is listed is missed', () => {
  const missed = new Set(misses().map(({ program }) => program));
  const others = Object.keys(MISSES).filter(
    name => ![...missed].some(program => program.startsWith(name)),
  );
  expect(others).toEqual([]);
});

test('nothing is said to stop that loads: what check names is a reason', () => {
  expect(misses().filter(({ measured }) => measured === 'loads')).toEqual([]);
});

function reasonFor(program: string): string | undefined {
  const name = Object.keys(MISSES).find(each => program.startsWith(each));
  return name === undefined ? undefined : MISSES[name];
}
