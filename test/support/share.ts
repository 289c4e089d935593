import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { inject } from 'vitest';
import { lockFile } from '../../harness/storage/file-lock.ts';

/**
 * What real kernels say in this run of vitest, computed by the first test file that asks and read by the others; who asks
 * meanwhile waits. Nothing is kept from one run to the next. The answer must be plain data (structured clone).
 */
export async function share<Answer>(name: string, compute: () => Promise<Answer>): Promise<Answer> {
  const file = path.join(inject('sharedFolder'), name);
  await using _lock = await lockFile(`${file}.lock`, { purpose: `compute ${name}` });
  const known = await readFile(file).catch(() => undefined);
  if (known !== undefined) return deserialize(known);
  const answer = await compute();
  await writeFile(file, serialize(answer));
  return answer;
}
