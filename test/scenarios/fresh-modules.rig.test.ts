import path from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import { openSandbox } from '../support/command-line.ts';

const sandbox = await openSandbox();
afterAll(() => sandbox[Symbol.asyncDispose]());

interface Read {
  readonly value?: unknown;
  readonly modules: readonly string[];
}

/** Imports a module in several generations, in a Node of its own: Vitest has an `import` of its own. */
async function readInChild(file: string, edits: Readonly<Record<string, string>>[]) {
  const driver = path.join(import.meta.dirname, 'import-in-child.ts');
  const { stdout } = await execa(process.execPath, [driver, JSON.stringify({ file, edits })], {
    cwd: sandbox.folder,
  });
  return JSON.parse(stdout) as Read[];
}

const at = (name: string) => path.join(sandbox.folder, name);

test('another generation sees what was edited, in a module that is imported too', async () => {
  await sandbox.write('a.ts', "import { b } from './sub/b.ts';\nexport default b + 1;\n");
  const reads = await readInChild(at('a.ts'), [
    {
      'sub/b.ts': "import { c } from '../c.ts';\nexport const b: number = c * 10;\n",
      'c.ts': 'export const c = 1;\n',
    },
    { 'c.ts': 'export const c = 2;\n' },
    { 'a.ts': 'export default 7;\n' },
  ]);
  const all = ['a.ts', 'sub/b.ts', 'c.ts'].map(at);
  expect(reads).toEqual([
    { value: 11, modules: all },
    { value: 21, modules: all },
    { value: 7, modules: [at('a.ts')] },
  ]);
});

test('crossbpf is this package, and none of the modules', async () => {
  const text = "import { defineScenario } from 'crossbpf';\nexport default defineScenario({});\n";
  await sandbox.write('own.ts', text);
  expect(await readInChild(at('own.ts'), [{}])).toEqual([{ value: {}, modules: [at('own.ts')] }]);
});
