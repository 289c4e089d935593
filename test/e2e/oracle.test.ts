import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTempFolder, type TempFolder } from '../../harness/storage/temp-folder.ts';
import { buildLoader } from './libbpf-loader/ask-libbpf.ts';
import { type Comparison, compareLoaders, type Difference } from './oracle/compare-loaders.ts';
import { writeDebianObjects } from './oracle/debian-set.ts';
import { KNOWN_DIFFERENCES } from './oracle/known-differences.ts';
import { compileProbes } from './oracle/probe-set.ts';
import { applyRules } from './oracle/rules.ts';
import { runOracle } from './oracle/run-oracle.ts';
import { compileSuite } from './oracle/suite-set.ts';

/**
 * Holds the agent against a loader of libbpf's, on the same kernels: what both hand to BPF_PROG_LOAD, and what the kernel
 * says. `CROSSBPF_TEST_ORACLE=full` takes every object of Debian's packages and every fixture of the suite; else a few.
 */
const SERIES = ['5.10', '6.1', '6.12', '7.2'] as const;
const IS_FULL = process.env['CROSSBPF_TEST_ORACLE'] === 'full';
/** Every so many objects, where not all are taken. */
const STRIDE = IS_FULL ? 1 : 12;

const HOOK_MS = IS_FULL ? 3_600_000 : 600_000;

let folder: TempFolder;
let objects: readonly string[];
let comparisons: ReadonlyMap<string, Comparison>;

beforeAll(async () => {
  folder = await openTempFolder('e2e-oracle');
  const others = [await writeDebianObjects(folder.path), await compileSuite(folder.path)];
  const chosen = others.flatMap(all => all.filter((_, index) => index % STRIDE === 0));
  objects = [...(await compileProbes(folder.path)), ...chosen];
  const loader = await buildLoader(folder.path);
  const answers = await runOracle({ series: SERIES, objects, loader });
  comparisons = new Map(
    [...answers].map(([series, { libbpf, agent }]) => [series, compareLoaders(libbpf, agent)]),
  );
}, HOOK_MS);
afterAll(() => folder[Symbol.asyncDispose]());

describe.each(SERIES)('linux@%s', series => {
  test('both loaders hand over the same, and get the same answer', async ({ annotate }) => {
    const { differences, both, loaded, oursAlone } = comparisons.get(series) ?? NOTHING;
    const names = new Set(objects.map(object => path.basename(object, '.o')));
    const left = applyRules(KNOWN_DIFFERENCES, differences, { series, objects: names });
    expect(left.unlisted.map(lineOf)).toEqual([]);
    expect(left.outdated).toEqual([]);
    expect(both).toBeGreaterThan(250);
    expect(loaded).toBeGreaterThan(150);
    const counts = `${both} programs with both, of which ${loaded} are accepted; ${oursAlone} with ours alone`;
    await annotate(counts);
  });
});

function lineOf({ object, program, kind, detail }: Difference): string {
  return `${object} ${program} [${kind}] ${detail}`;
}

const NOTHING: Comparison = { differences: [], both: 0, loaded: 0, oursAlone: 0 };
