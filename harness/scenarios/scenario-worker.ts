import { enableCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { ScenarioRequest, WorkerStart } from './scenario-importer.ts';

const { generation, compileCache }: WorkerStart = workerData;
// Before anything else is imported.
if (compileCache !== undefined) enableCompileCache(compileCache);
const { ScenarioModules } = await import('./scenario-modules.ts');
const modules = new ScenarioModules(generation);
parentPort?.on('message', async ({ file }: ScenarioRequest) => {
  parentPort?.postMessage(await modules.read(file));
});
