import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readBlobs } from '../../harness/merge/read-blobs.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { answered, blobText, reportOf } from '../support/blob-builder.ts';
import { accepted, fixture, ran } from '../support/fixture-builder.ts';

const folder = await openTempFolder('blobs');
afterAll(() => folder[Symbol.asyncDispose]());

const fixtures = [fixture('a', ['pass'])];
const said = { a: ran({ pass: accepted() }) };
const targets = [answered('linux@6.1', '6.1.192', said)];
const BLOB = blobText({ fixtures, targets });

async function read(text: string | undefined, toolVersion = '1.0.0'): Promise<unknown> {
  const file = path.join(folder.path, 'it.json');
  if (text !== undefined) await writeFile(file, text);
  const name = text === undefined ? 'nowhere.json' : 'it.json';
  return readBlobs([name], { folder: folder.path, toolVersion }).then(
    blobs => blobs.map(({ file: named }) => named),
    thrown => `${thrown.code} ${thrown.summary}`,
  );
}

test('files, and folders of them', async () => {
  await mkdir(path.join(folder.path, 'all'));
  for (const name of ['b.json', 'a.json']) {
    await writeFile(path.join(folder.path, 'all', name), BLOB);
  }
  await writeFile(path.join(folder.path, 'one'), BLOB);
  const options = { folder: folder.path, toolVersion: '1.0.0' };
  const blobs = await readBlobs(['one', 'all', 'all/b.json'], options);
  expect(blobs.map(({ file }) => file)).toEqual(['one', 'all/a.json', 'all/b.json']);
});

test.each([
  [undefined, /^USAGE_MERGE nowhere\.json: no such file\. A blob is written by crossbpf run --rep/],
  ['{', /^USAGE_MERGE it\.json: it is no JSON: /],
  ['[]', /^USAGE_MERGE it\.json: it is no blob\. /],
  ['{"schema":"other"}', /^USAGE_MERGE it\.json: it is no blob\. /],
  [
    JSON.stringify(reportOf({ fixtures, targets })),
    /it is a report, which lacks what fixtures decl/,
  ],
  [
    '{"schema":"crossbpf/blob@9"}',
    /it is a crossbpf\/blob@9, and this version reads crossbpf\/blob@1/,
  ],
  [BLOB.replace('"label":null', '"label":7'), /it is damaged: label: .*expected string/],
  [
    BLOB.replace('"verdict":"accept"', '"verdict":"maybe"'),
    /it is damaged: report\.fixtures\.0\.re/,
  ],
])('%.40s', async (text, message) => {
  expect(await read(text)).toMatch(message);
});

test('another version of the tool', async () => {
  expect(await read(BLOB)).toEqual(['it.json']);
  expect(await read(BLOB, '2.0.0')).toMatch(
    /it was written by crossbpf 1\.0\.0, and this is 2\.0\.0/,
  );
});

test('an empty folder', async () => {
  await mkdir(path.join(folder.path, 'empty'));
  const options = { folder: folder.path, toolVersion: '1.0.0' };
  await expect(readBlobs(['empty'], options)).rejects.toMatchObject({ code: 'USAGE_MERGE' });
});
