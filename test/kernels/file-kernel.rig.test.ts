import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Architecture } from '../../harness/kernels/kernel.ts';
import type { KernelProgress } from '../../harness/kernels/progress.ts';
import { resolveKernels } from '../../harness/kernels/resolve-kernels.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { tinyElf, tinyKernel } from './tiny-kernel.ts';

let folder: string;

beforeEach(async () => {
  const temp = await openTempFolder('file-kernel');
  folder = temp.path;
  onTestFinished(() => temp[Symbol.asyncDispose]());
});

async function resolveFile(path: string, arch: Architecture = 'amd64') {
  const progress: KernelProgress[] = [];
  const [result] = await resolveKernels([{ kind: 'file', path }], {
    ...{ arch, modules: ['veth'], cacheRoot: join(folder, 'cache'), environment: {} },
    onProgress: event => progress.push(event),
  });
  return { result, progress };
}

test('a bzImage is unpacked into the cache, once', async () => {
  const file = join(folder, 'bzImage');
  await writeFile(file, tinyKernel('6.8.0-1052-azure'));
  const { result, progress } = await resolveFile(file);
  expect(result).toMatchObject({
    status: 'found',
    kernel: { release: '6.8.0-1052-azure', upstream: '6.8.0', arch: 'amd64', modules: [] },
  });
  expect(progress.map(({ type }) => type)).toEqual(['kernel:extracting', 'kernel:ready']);
  if (result?.status !== 'found') throw new Error('not found');
  expect(await readFile(result.kernel.image)).toEqual(tinyElf('6.8.0-1052-azure'));
  const again = await resolveFile(file);
  expect(again.result).toEqual(result);
  expect(again.progress).toEqual([]);
});

test('a file that was replaced is another kernel; the old one stays as it was', async () => {
  const file = join(folder, 'vmlinux');
  await writeFile(file, tinyElf('7.3-rc4'));
  const { result: old } = await resolveFile(file);
  await writeFile(join(folder, 'new'), tinyElf('7.3-rc5'));
  await rename(join(folder, 'new'), file);
  const { result } = await resolveFile(file);
  if (result?.status !== 'found' || old?.status !== 'found') throw new Error('not found');
  expect(result.kernel.upstream).toBe('7.3-rc5');
  expect(await readFile(old.kernel.image)).toEqual(tinyElf('7.3-rc4'));
  expect(result.kernel.digest).not.toBe(old.kernel.digest);
});

test('a damaged note of the cache is written anew', async () => {
  const file = join(folder, 'vmlinux');
  await writeFile(file, tinyElf('7.3-rc4'));
  await resolveFile(file);
  const notes = join(folder, 'cache/kernels/files');
  for (const name of await readdir(notes)) {
    await writeFile(join(notes, name), '{');
  }
  expect((await resolveFile(file)).result).toMatchObject({ status: 'found' });
});

test.each([
  ['nowhere', undefined, 'USAGE_NO_SUCH_FILE'],
  ['text', 'no kernel', 'USAGE_NOT_A_KERNEL'],
  ['empty', '', 'USAGE_NOT_A_KERNEL'],
  ['.', undefined, 'USAGE_NOT_A_KERNEL'],
])('%s is told as what it is', async (name, content, code) => {
  const file = join(folder, name);
  if (content !== undefined) await writeFile(file, content);
  const { result } = await resolveFile(file);
  expect(result).toMatchObject({ status: 'failed', error: { code, facts: { file } } });
  expect(await readdir(join(folder, 'cache')).catch(() => [])).toEqual([]);
});

test('a kernel for another machine is told', async () => {
  const file = join(folder, 'vmlinux');
  await writeFile(file, tinyElf('7.3-rc4', 183));
  expect((await resolveFile(file)).result).toMatchObject({
    error: { code: 'USAGE_WRONG_ARCH', message: 'this kernel is for arm64, the target for amd64' },
  });
  expect((await resolveFile(file, 'arm64')).result).toMatchObject({ status: 'found' });
});
