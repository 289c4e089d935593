import { createHash } from 'node:crypto';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { operations as arithmetic32 } from '../../fixtures/arithmetic-32.scenario.ts';
import { operations as arithmetic64 } from '../../fixtures/arithmetic-64.scenario.ts';
import { operations as constants } from '../../fixtures/arithmetic-with-constants.scenario.ts';
import { operations as byteOrder } from '../../fixtures/byte-order.scenario.ts';
import { operations as comparisons } from '../../fixtures/comparisons.scenario.ts';
import { edgeCases, PAIRS, type Pair } from '../../fixtures/model/operands.ts';
import type { Operations } from '../../fixtures/model/operations.ts';
import { operations as extendingMoves } from '../../fixtures/sign-extending-moves.scenario.ts';
import { operations as signedDivision } from '../../fixtures/signed-division.scenario.ts';
import { type Report, runFixtures } from '../../harness/index.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';

const [JIT, INTERPRETER] = ['linux@6.12', 'linux@6.12+nojit'] as const;
const FIXTURES = fileURLToPath(new URL('../../fixtures', import.meta.url));

/** By fixture, what its programs compute. */
const MODELS: Readonly<Record<string, Operations>> = {
  'arithmetic-32': arithmetic32,
  'arithmetic-64': arithmetic64,
  'arithmetic-with-constants': constants,
  'byte-order': byteOrder,
  ...{ comparisons, 'sign-extending-moves': extendingMoves, 'signed-division': signedDivision },
};
/** Fixtures whose scenarios expect what the same operations give on this machine. */
const OTHERS = [
  ...['atomic-operations', 'memory-widths', 'sign-extension', 'hash-functions'],
  ...['subprograms', 'loops', 'bit-mask-cost'],
];

/** Numbers that are the same in every run: of all bits, and of few, with small ones among them. */
function randomPairs(seed: string): Pair[] {
  const digests = Array.from({ length: PAIRS }, (_, index) =>
    createHash('sha256').update(`${seed} ${index}`).digest(),
  );
  return digests.map(digest => ({
    a: digest.readBigUInt64LE(0) >> BigInt((digest[16] ?? 0) % 64),
    b: digest.readBigUInt64LE(8) >> BigInt((digest[17] ?? 0) % 64),
  }));
}

const OPERANDS = {
  'edge cases': edgeCases,
  'random pairs, the first': randomPairs('first'),
  'random pairs, the second': randomPairs('second'),
};

/** The fixtures with scenarios that set operands and expect nothing: what came out is held against the model here. */
async function runOn(pairs: readonly Pair[]): Promise<Report> {
  await using folder = await openTempFolder('e2e-arithmetic');
  await mkdir(path.join(folder.path, 'include'));
  const header = path.join('include', 'operands.h');
  await copyFile(path.join(FIXTURES, header), path.join(folder.path, header));
  for (const [name, operations] of Object.entries(MODELS)) {
    const source = `${name}.bpf.c`;
    await copyFile(path.join(FIXTURES, source), path.join(folder.path, source));
    const scenario = {
      variables: { a: pairs.map(({ a }) => `${a}`), b: pairs.map(({ b }) => `${b}`) },
      steps: Object.keys(operations).map(operation => ({ run: `calculate_${operation}` })),
    };
    const file = path.join(folder.path, `${name}.scenario.json`);
    await writeFile(file, JSON.stringify(scenario));
  }
  return await runTogether([folder.path]);
}

/** On one guest of each: only what programs compute is asked. */
async function runTogether(fixtures: readonly string[]): Promise<Report> {
  await using folder = await openTempFolder('e2e-arithmetic-config');
  const config = path.join(folder.path, 'crossbpf.config.mjs');
  await writeFile(config, `export default { isolation: 'target' };`);
  return await runFixtures({ fixtures, targets: [JIT, INTERPRETER], config });
}

/** What the programs of a fixture left in variables, as decimal numbers. */
function computed(report: Report, name: string, target: string): Record<string, string[]> {
  const fixture = report.fixtures.find(({ id }) => id.endsWith(name));
  const result = fixture?.results[target];
  const variables = result?.status === 'ran' ? result.maps['.bss'] : undefined;
  if (variables?.kind !== 'entries') throw new Error(`${name} on ${target}: no variables`);
  const values = variables.entries[0]?.value as Readonly<Record<string, readonly unknown[]>>;
  return Object.fromEntries(
    Object.entries(values).map(([key, list]) => [key, list.map(value => `${value}`)]),
  );
}

describe.each(Object.entries(OPERANDS))('%s', (_title, pairs) => {
  let report: Report;
  beforeAll(async () => {
    report = await runOn(pairs);
  });

  test('the compiler and the interpreter of the kernel differ in nothing', () => {
    expect(report.divergences).toEqual([]);
    expect(report.failedExpectations).toEqual([]);
  });

  describe.each([JIT, INTERPRETER])('%s', target => {
    test.each(Object.entries(MODELS))('%s as computed here', (name, operations) => {
      const results = computed(report, name, target);
      for (const [operation, compute] of Object.entries(operations)) {
        expect(results[operation], operation).toEqual(pairs.map(pair => `${compute(pair)}`));
      }
    });
  });
});

test('programs that compute more than one operation agree with each other and with this machine', async () => {
  const fixtures = OTHERS.map(name => path.join(FIXTURES, `${name}.bpf.c`));
  const report = await runTogether(fixtures);
  const results = report.fixtures.flatMap(fixture => Object.values(fixture.results));
  const steps = results.flatMap(result => (result.status === 'ran' ? result.steps : []));
  expect(results.map(({ status }) => status)).toEqual(Array(2 * OTHERS.length).fill('ran'));
  expect(steps.length).toBeGreaterThan(2 * OTHERS.length);
  expect(steps.filter(({ status }) => status !== 'ok')).toEqual([]);
  expect(report.failedExpectations).toEqual([]);
  expect(report.divergences).toEqual([]);
});
