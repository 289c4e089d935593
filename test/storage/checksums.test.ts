import { copyFile, open, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { areIntact, CHECKSUMS_FILE, noteChecksums } from '../../harness/storage/checksums.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';

const FILES = ['memory', 'state'];

async function prepared() {
  const folder = await openTempFolder('crossbpf-test');
  for (const file of FILES) await writeFile(join(folder.path, file), Buffer.alloc(3_000_000, file));
  await noteChecksums(folder.path, FILES);
  return folder;
}

/** Changes one byte in place. */
async function damage(path: string, position: number): Promise<void> {
  await using file = await open(path, 'r+');
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, position);
  await file.write(Buffer.from([(buffer[0] ?? 0) ^ 0x10]), 0, 1, position);
}

test('untouched files are intact', async () => {
  await using folder = await prepared();
  expect(await areIntact(folder.path, FILES)).toBe(true);
  expect(await areIntact(folder.path, FILES, { thorough: true })).toBe(true);
});

test.each([0, 1_500_000, 2_999_999])('one changed byte at %i is noticed', async position => {
  await using folder = await prepared();
  await damage(join(folder.path, 'memory'), position);
  expect(await areIntact(folder.path, FILES)).toBe(false);
});

test('it is noticed even with the times of before', async () => {
  await using folder = await prepared();
  const path = join(folder.path, 'state');
  await damage(path, 7);
  await utimes(path, 1, 1);
  expect(await areIntact(folder.path, FILES)).toBe(false);
});

test('a copy is intact, and is read only once', async () => {
  await using folder = await prepared();
  const [path, copy] = [join(folder.path, 'memory'), join(folder.path, 'copy')];
  await copyFile(path, copy);
  await rename(copy, path);
  expect(await areIntact(folder.path, FILES)).toBe(true);
  await writeFile(join(folder.path, 'elsewhere'), '');
  expect(await areIntact(folder.path, FILES)).toBe(true);
});

test.each(['memory', CHECKSUMS_FILE])('without %s nothing is intact', async file => {
  await using folder = await prepared();
  await rm(join(folder.path, file));
  expect(await areIntact(folder.path, FILES)).toBe(false);
});
