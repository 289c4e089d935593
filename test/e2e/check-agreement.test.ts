import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { createInspector } from '../../harness/agent/inspect-object.ts';
import { findPackage } from '../../harness/commands/find-package.ts';
import { configSchema } from '../../harness/config/config-schema.ts';
import { type FoundObject, findBpfObjects } from '../../harness/fixtures/embedded-objects.ts';
import { findFixtures } from '../../harness/fixtures/find-fixtures.ts';
import { readFixtures } from '../../harness/fixtures/read-fixtures.ts';
import { type Report, runFixtures } from '../../harness/index.ts';
import { type CheckResult, checkObjects } from '../../harness/portability/check-objects.ts';
import { parseCheckTarget } from '../../harness/portability/check-target.ts';
import { loadTables } from '../../harness/portability/load-tables.ts';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import { openTempFolder, type TempFolder } from '../../harness/storage/temp-folder.ts';
import { listPackages, unpackPackage } from '../support/debian-package.ts';
import { MISSES } from './check-misses.ts';

/** What is checked, and what is run. */
const TARGETS = ['linux@5.10', 'linux@6.1', 'linux@6.12', 'linux@6.18', 'linux@7'];
const PACKAGES = ['xdp-tools', 'libxdp1', 'libbpf-tools', 'golang-github-cilium-ebpf-dev'];

const cache = cacheRoot(process.env);
const root = fileURLToPath(new URL('../..', import.meta.url));
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

beforeAll(async () => {
  await using folder = await openTempFolder('e2e-agreement');
  const files = [...(await writeSuite(folder)), ...(await writePackages(folder))];
  const config = path.join(folder.path, 'crossbpf.config.mjs');
  await writeFile(config, `export default { isolation: 'target' };`);
  const report = await runFixtures({ fixtures: files, targets: TARGETS, config });
  pairs = pairUp(report, await check(files));
});

/** The portable suite, without its scenarios: only whether programs load is asked. */
async function writeSuite({ path: folder }: TempFolder): Promise<string[]> {
  const outcomes = await readFixtures(await findFixtures(['fixtures'], root), {
    ...{ compiler: configSchema.parse({}).compiler, root, cacheRoot: cache, color: false },
    ...{ environment: process.env, inspect: createInspector({ packageRoot, cacheRoot: cache }) },
    packageRoot,
    platforms: ['linux'],
  });
  const written = outcomes.map(async outcome => {
    if (outcome.kind === 'failed') throw outcome.error;
    const { id, object } = outcome.fixture;
    const file = path.join(folder, `${id.replaceAll('/', '-')}.o`);
    await writeFile(file, object);
    return file;
  });
  return Promise.all(written);
}

async function writePackages({ path: folder }: TempFolder): Promise<string[]> {
  const listed = await listPackages(PACKAGES, cache);
  const found = new Map<string, FoundObject>();
  for (const name of PACKAGES) {
    for (const item of listed.filter(each => each.name === name)) {
      const objects = await findBpfObjects(await unpackPackage(item, cache));
      for (const object of objects) found.set(digest(object), object);
      if (objects.length > 0) break;
    }
  }
  const inspect = createInspector({ packageRoot, cacheRoot: cache });
  const readable = await Promise.all(
    [...found.values()].map(async object => {
      const seen = await inspect(object.bytes, object.name).catch(() => undefined);
      return seen === undefined || seen.programs.length === 0 ? [] : [object];
    }),
  );
  return Promise.all(
    readable.flat().map(async ({ name, bytes }) => {
      const short = path
        .basename(name)
        .replace('#', '-')
        .replace(/\.(elf|o)$/, '');
      const file = path.join(folder, `debian-${short}-${digest({ bytes }).slice(0, 6)}.o`);
      await writeFile(file, bytes);
      return file;
    }),
  );
}

function digest({ bytes }: Pick<FoundObject, 'bytes'>): string {
  return createHash('sha256').update(bytes).digest('hex');
}

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
    const object = objects.find(each => each.id === path.basename(id));
    return TARGETS.flatMap(target =>
      Object.entries(results[target]?.programs ?? {}).flatMap(([name, { verdict, reason }]) => {
        const program = object?.programs.find(each => each.name === name);
        const predicted = program?.predictions.get(target)?.outcome;
        if (predicted === undefined) throw new Error(`nothing was said of ${id} ${name}`);
        const measured = verdict === 'accept' ? 'loads' : 'stops';
        return [{ program: `${id} ${name}`, target, predicted, measured, reason } as const];
      }),
    );
  });
}

function misses(): Pair[] {
  return pairs.filter(({ predicted, measured }) => predicted !== measured);
}

test('check agrees with what kernels say of at least 98 % of programs', async ({ annotate }) => {
  const share = 1 - misses().length / pairs.length;
  await annotate(
    `${(100 * share).toFixed(2)} % of ${pairs.length} pairs, ${misses().length} missed`,
  );
  expect(pairs.length).toBeGreaterThan(4000);
  expect(share).toBeGreaterThanOrEqual(0.98);
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
