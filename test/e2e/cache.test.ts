import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openSandbox, type Sandbox, smallFixture } from '../support/command-line.ts';
import { copyKernel, fetchKernel, SERIES } from '../support/kernel-cache.ts';

const TARGET = `linux@${SERIES}`;
const ARGS = ['run', 'pass.bpf.c', '-t', TARGET];

beforeAll(fetchKernel);

async function preparedSandbox(): Promise<Sandbox> {
  const sandbox = await openSandbox();
  await copyKernel(sandbox.cacheRoot);
  await sandbox.write('pass.bpf.c', smallFixture());
  return sandbox;
}

async function entries(sandbox: Sandbox, folder: string): Promise<string[]> {
  const names = await readdir(path.join(sandbox.cacheRoot, folder)).catch(() => []);
  return names.filter(name => !name.endsWith('.lock'));
}

test('prune --all takes nothing from a run that is saving its guest; later it takes everything', async () => {
  await using sandbox = await preparedSandbox();
  const running = sandbox.start(ARGS);
  await expect.poll(() => entries(sandbox, 'snapshots'), { timeout: 60_000 }).toHaveLength(1);
  const during = await sandbox.run(['kernels', 'prune', '--all']);
  expect(during).toMatchObject({ exitCode: 0, stderr: '' });
  expect(during.stdout).toMatch(/^kept 6\.1\.\S+-cloud-amd64: it is in use$/m);
  expect(await running.ended).toMatchObject({ exitCode: 0 });
  expect(await entries(sandbox, 'snapshots')).toHaveLength(1);
  expect(await sandbox.run(ARGS)).toMatchObject({ exitCode: 0, stderr: '' });
  const after = await sandbox.run(['kernels', 'prune', '--all']);
  expect(after.stdout).toMatch(/^removed 6\.1\.\S+\nremoved 1 snapshot\n\d+ MB freed\n/m);
  for (const folder of ['snapshots', 'kernels/images', 'initramfs', 'objects']) {
    const left = await entries(sandbox, folder);
    expect({ folder, left: left.filter(name => name !== 'sources') }).toEqual({ folder, left: [] });
  }
});

test('a run brings the cache below its limit, after it has added to it', async () => {
  await using sandbox = await preparedSandbox();
  const small = { CROSSBPF_CACHE_SIZE: '50MB' };
  expect(await sandbox.run(ARGS, small)).toMatchObject({ exitCode: 0 });
  expect(await entries(sandbox, 'snapshots')).toEqual([]);
});

test('a size that is none is a usage error, before anything is done', async () => {
  await using sandbox = await preparedSandbox();
  for (const args of [ARGS, ['kernels', 'prune'], ['kernels', 'list']]) {
    expect(await sandbox.run(args, { CROSSBPF_CACHE_SIZE: 'lots' })).toMatchObject({
      ...{ exitCode: 2, stdout: '' },
      stderr:
        'error: CROSSBPF_CACHE_SIZE is no size: lots. Give a number and MB, GB or TB, such as 3GB.\n',
    });
  }
  expect(await entries(sandbox, 'snapshots')).toEqual([]);
});
