import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { configSchema } from '../harness/config/config-schema.ts';

const ROOT = path.resolve(import.meta.dirname, '..');

test('the configurations in docs/real-programs.md are what the schema takes', async () => {
  const text = await readFile(path.join(ROOT, 'docs/real-programs.md'), 'utf8');
  const blocks = [...text.matchAll(/defineConfig\((\{.*?^\})\);/gms)].map(([, code = '']) => code);
  expect(blocks).toHaveLength(7);
  for (const code of blocks) configSchema.parse(new Function(`return (${code});`)());
});
