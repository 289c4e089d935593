import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FreshModules } from '../../harness/scenarios/fresh-modules.ts';

interface Task {
  readonly file: string;
  /** Files to write before each generation, by name in the working folder. */
  readonly edits: readonly Readonly<Record<string, string>>[];
}

const { file, edits } = JSON.parse(process.argv[2] ?? '') as Task;
const reads = [];
for (const [generation, files] of edits.entries()) {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(name), { recursive: true });
    await writeFile(name, text);
  }
  const modules = new FreshModules(generation);
  const imported = await modules.import(file);
  if (imported.kind === 'failed') throw imported.cause;
  reads.push({ value: imported.value, modules: modules.modulesOf(file) });
}
process.stdout.write(JSON.stringify(reads));
