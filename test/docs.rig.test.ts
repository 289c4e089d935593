import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { openTempFolder } from '../harness/storage/temp-folder.ts';

const ROOT = path.resolve(import.meta.dirname, '..');

/** In a process of its own: vitest imports modules in another way than Node, which scenarios are read by. */
const CHECK = `
  import { FreshModules } from ${JSON.stringify(`${ROOT}/harness/scenarios/fresh-modules.ts`)};
  import { scenarioSchema } from ${JSON.stringify(`${ROOT}/harness/scenarios/scenario-schema.ts`)};
  const imported = await new FreshModules(0).import(process.argv[1]);
  if (imported.kind === 'failed') throw imported.cause;
  scenarioSchema.parse(imported.value);
`;

for (const file of ['README.md', 'docs/scenarios.md']) {
  test(`the scenarios in ${file} are what the schema takes`, async () => {
    const text = await readFile(path.join(ROOT, file), 'utf8');
    const blocks = [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code);
    const scenarios = blocks.filter(code => code.includes('defineScenario({'));
    expect(scenarios.length).toBeGreaterThan(0);
    await using folder = await openTempFolder('docs');
    for (const [index, code] of scenarios.entries()) {
      const module = path.join(folder.path, `${index}.ts`);
      await writeFile(module, code);
      await execa(process.execPath, ['--input-type=module-typescript', '-e', CHECK, module]);
    }
  });
}
