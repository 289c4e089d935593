import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/** DESIGN.md, Flow: a stage may use those before it, never those after it. */
const STAGES = [
  ['crossbpf-error.ts', 'own-property.ts'],
  ['system-failure.ts'],
  ['storage'],
  ['config'],
  ['values', 'verifier-log'],
  ['packets'],
  ['agent', 'kernels', 'vm'],
  ['scenarios'],
  ['fixtures', 'cache'],
  ['portability'],
  ['targets'],
  ['run'],
  ['compare'],
  ['report'],
  ['baseline'],
  ['merge'],
  ['commands'],
  ['vitest'],
  ['index.ts', 'main.ts'],
];

/** Stages of one rank know nothing of each other, but for types that `kernels` and `config` share. */
const ALLOWED = new Set(['config -> kernels']);

const harness = path.resolve(import.meta.dirname, '../harness');

test('dependencies point one way', () => {
  const wrong = sourceFiles().flatMap(file =>
    importsOf(file)
      .map(target => ({ from: stageOf(file), to: stageOf(target), file }))
      .filter(({ from, to }) => from !== to && !ALLOWED.has(`${from} -> ${to}`))
      .filter(({ from, to }) => rankOf(to) >= rankOf(from))
      .map(({ file: where, to }) => `${path.relative(harness, where)} imports ${to}`),
  );
  expect(wrong).toEqual([]);
});

test('every folder of the harness is a stage', () => {
  const known = STAGES.flat();
  expect(readdirSync(harness).filter(name => !known.includes(name))).toEqual([]);
});

test('only a reporter, a command or the bin writes to the terminal', () => {
  const writers = sourceFiles().filter(file =>
    /\bconsole\.(log|info|warn|error)|process\.(stdout|stderr)\.write/.test(
      readFileSync(file, 'utf8'),
    ),
  );
  const relative = writers.map(file => path.relative(harness, file));
  expect(relative.filter(file => !/^(commands|report)\/|^main\.ts$/.test(file))).toEqual([]);
});

test('no source file is longer than 300 lines', () => {
  const long = sourceFiles().filter(file => readFileSync(file, 'utf8').split('\n').length > 300);
  expect(long).toEqual([]);
});

function sourceFiles(): string[] {
  return readdirSync(harness, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => path.join(harness, name));
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import\() ?'(\.[^']+)'/g)].map(([, target]) =>
    path.resolve(path.dirname(file), target ?? ''),
  );
}

function stageOf(file: string): string {
  return path.relative(harness, file).split(path.sep)[0] ?? '';
}

function rankOf(stage: string): number {
  return STAGES.findIndex(names => names.includes(stage));
}
