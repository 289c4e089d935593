import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type KernelLock,
  lockBuild,
  lockKey,
  readKernelLock,
  writeKernelLock,
} from '../../harness/kernels/kernel-lock.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';

const sha256 = 'a'.repeat(64);
const locked = lockBuild(
  {
    ...{ release: '7.3.4+deb13-cloud-amd64', upstream: '7.3.4', packageVersion: '7.3.4-1~bpo13+1' },
    suites: ['trixie-backports'],
    packages: [
      { name: 'linux-binary-7.3.4', role: 'kernel', url: 'u', size: 1, installedSize: 2, sha256 },
    ],
  },
  'amd64',
);

test('is written sorted as people count, and read again', async () => {
  await using folder = await openTempFolder('lock-file');
  const file = join(folder.path, 'crossbpf.lock.json');
  const lock: KernelLock = {
    schema: 'crossbpf/lock@1',
    kernels: { 'linux@6.12': locked, 'linux@5.10': locked, 'linux@6.1': locked },
  };
  await writeKernelLock(file, lock);
  expect(await readKernelLock(file)).toEqual(lock);
  const written = JSON.parse(await readFile(file, 'utf8'));
  expect(Object.keys(written.kernels)).toEqual(['linux@5.10', 'linux@6.1', 'linux@6.12']);
  expect(written.kernels['linux@6.12']).toEqual({
    ...{ release: '7.3.4+deb13-cloud-amd64', arch: 'amd64', version: '7.3.4-1~bpo13+1' },
    packages: { 'linux-binary-7.3.4': sha256 },
  });
});

test('no lock file is no error', async () => {
  expect(await readKernelLock('/nowhere/crossbpf.lock.json')).toBeUndefined();
});

test.each([
  ['', 'no JSON'],
  ['{', 'no JSON'],
  ['{"schema": "crossbpf/lock@9", "kernels": {}}', 'schema'],
  ['{"schema": "crossbpf/lock@1", "kernels": {"linux@6.12": {}}}', 'release'],
])('a lock file that says %s is an error of the user', async (text, why) => {
  await using folder = await openTempFolder('lock-file');
  const file = join(folder.path, 'crossbpf.lock.json');
  await writeFile(file, text);
  await expect(readKernelLock(file)).rejects.toMatchObject({
    code: 'USAGE_BAD_LOCK',
    message: expect.stringContaining(why),
    facts: { file },
  });
});

test('names of other architectures say so', () => {
  expect(lockKey({ kind: 'series', series: '6.12' }, 'amd64')).toBe('linux@6.12');
  expect(lockKey({ kind: 'latest' }, 'arm64')).toBe('linux@latest/arm64');
});
