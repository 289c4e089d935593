import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { removeTree } from '../../harness/storage/remove-tree.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder that all test files of one run of vitest share; it is gone afterwards. */
    sharedFolder: string;
  }
}

/** Sets up the folder of `share.ts` before any test file; when tests run again in watch mode it is empty again. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await openTempFolder('vitest-shared');
  project.provide('sharedFolder', folder.path);
  project.onTestsRerun(async () => {
    for (const name of await readdir(folder.path)) await removeTree(path.join(folder.path, name));
  });
  return async () => await folder[Symbol.asyncDispose]();
}
