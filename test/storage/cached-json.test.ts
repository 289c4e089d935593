import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readCachedJson, writeCachedJson } from '../../harness/storage/cached-json.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';

const schema = z.object({ verdict: z.string(), insns: z.number() });

test('a file with any one byte changed is not there any more, and is reported', async () => {
  await using folder = await openTempFolder('crossbpf-test');
  const path = join(folder.path, 'entry.json');
  await writeCachedJson(path, { verdict: 'accept', insns: 12 });
  const written = await readFile(path);
  expect(await readCachedJson(path, schema)).toEqual({ verdict: 'accept', insns: 12 });
  for (let index = 0; index < written.length; index++) {
    const damaged = Buffer.from(written);
    damaged[index] = (damaged[index] ?? 0) ^ 1;
    await writeFile(path, damaged);
    const reported: string[] = [];
    expect(await readCachedJson(path, schema, file => reported.push(file))).toBeUndefined();
    expect(reported).toEqual([path]);
  }
});

test('a file of another version is not there, and is not damaged', async () => {
  await using folder = await openTempFolder('crossbpf-test');
  const path = join(folder.path, 'entry.json');
  await writeCachedJson(path, { verdict: 7 });
  const reported: string[] = [];
  expect(await readCachedJson(path, schema, file => reported.push(file))).toBeUndefined();
  expect(reported).toEqual([]);
});
