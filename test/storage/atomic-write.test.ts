import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { draftFolder, writeFileAtomically } from '../../harness/storage/atomic-write.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';

test('a temporary folder is gone with all that is in it', async () => {
  let path: string;
  {
    await using folder = await openTempFolder('gone');
    path = folder.path;
    await mkdir(join(path, 'a/b'), { recursive: true });
    await writeFile(join(path, 'a/b/c'), 'x');
  }
  expect(existsSync(path)).toBe(false);
});

test('a file is replaced, and nothing is left beside it', async () => {
  await using folder = await openTempFolder('atomic');
  const file = join(folder.path, 'new/file.json');
  await writeFileAtomically(file, 'one');
  await writeFileAtomically(file, 'two');
  expect(await readFile(file, 'utf8')).toBe('two');
  expect(await readdir(join(folder.path, 'new'))).toEqual(['file.json']);
});

test('readers never see a part of a file', async () => {
  await using folder = await openTempFolder('atomic');
  const file = join(folder.path, 'file');
  const contents = ['a', 'b', 'c', 'd'].map(letter => letter.repeat(500_000));
  await writeFileAtomically(file, contents[0] ?? '');
  let writing = true;
  const writers = Promise.all(contents.map(text => writeFileAtomically(file, text))).then(() => {
    writing = false;
  });
  let reads = 0;
  while (writing) {
    expect(contents).toContain(await readFile(file, 'utf8'));
    reads += 1;
  }
  await writers;
  expect(reads).toBeGreaterThan(0);
});

test('what cannot be written leaves nothing', async () => {
  await using folder = await openTempFolder('atomic');
  await mkdir(join(folder.path, 'taken', 'inside'), { recursive: true });
  await expect(writeFileAtomically(join(folder.path, 'taken'), 'x')).rejects.toThrow();
  expect(await readdir(folder.path)).toEqual(['taken']);
});

test('a file that a killed writer left is removed once it is old, not before', async () => {
  await using folder = await openTempFolder('atomic');
  const [old, young] = [join(folder.path, 'tmp-f-1-x'), join(folder.path, 'tmp-f-2-y')];
  await Promise.all([mkdir(old), mkdir(young)]);
  const hourAgo = new Date(Date.now() - 3_600_000);
  await utimes(old, hourAgo, hourAgo);
  await writeFileAtomically(join(folder.path, 'f'), 'x');
  expect((await readdir(folder.path)).sort()).toEqual(['f', 'tmp-f-2-y']);
});

test('a folder appears once it is published', async () => {
  await using folder = await openTempFolder('atomic');
  const place = join(folder.path, 'entry');
  {
    await using draft = await draftFolder(place);
    await writeFile(join(draft.path, 'file'), 'x');
    expect(existsSync(place)).toBe(false);
    await draft.publish();
  }
  expect(await readdir(folder.path)).toEqual(['entry']);
  expect(await readFile(join(place, 'file'), 'utf8')).toBe('x');
});

test('a draft that is not published is gone, and so are drafts of processes that died', async () => {
  await using folder = await openTempFolder('atomic');
  await mkdir(join(folder.path, 'tmp-entry-1-dead'));
  await mkdir(join(folder.path, 'tmp-other-1-alive'));
  {
    await using draft = await draftFolder(join(folder.path, 'entry'));
    await writeFile(join(draft.path, 'file'), 'x');
  }
  expect(await readdir(folder.path)).toEqual(['tmp-other-1-alive']);
});
