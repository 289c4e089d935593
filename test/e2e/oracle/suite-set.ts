import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInspector } from '../../../harness/agent/inspect-object.ts';
import { findPackage } from '../../../harness/commands/find-package.ts';
import { configSchema } from '../../../harness/config/config-schema.ts';
import { findFixtures } from '../../../harness/fixtures/find-fixtures.ts';
import { readFixtures } from '../../../harness/fixtures/read-fixtures.ts';
import { cacheRoot as findCacheRoot } from '../../../harness/storage/cache-root.ts';

const { packageRoot } = findPackage(import.meta.dirname);
const cacheRoot = findCacheRoot(process.env);

/** Compiles the portable suite's fixtures into a folder; gives the paths of the objects, sorted. */
export async function compileSuite(folder: string): Promise<string[]> {
  const outcomes = await readFixtures(await findFixtures(['fixtures/*.bpf.c'], packageRoot), {
    compiler: configSchema.parse({}).compiler,
    root: packageRoot,
    cacheRoot,
    packageRoot,
    environment: process.env,
    inspect: createInspector({ packageRoot, cacheRoot }),
  });
  const files = outcomes.map(async outcome => {
    if (outcome.kind === 'failed') throw outcome.error;
    const file = path.join(folder, `suite-${outcome.fixture.id}.o`);
    await writeFile(file, outcome.fixture.object);
    return file;
  });
  return (await Promise.all(files)).sort();
}
