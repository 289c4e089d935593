import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openSandbox, smallFixture } from '../support/command-line.ts';
import { copyWarmCache, SERIES } from '../support/kernel-cache.ts';

test('kernels lock pins a name, and a run takes the build that is pinned', async () => {
  await using sandbox = await openSandbox();
  await copyWarmCache(sandbox.cacheRoot);
  await sandbox.write('crossbpf.config.ts', `export default { targets: ['linux@${SERIES}'] };`);
  await sandbox.write('a.bpf.c', smallFixture());

  const locked = await sandbox.run(['kernels', 'lock']);
  expect(locked).toMatchObject({ exitCode: 0, stderr: '' });
  const file = path.join(sandbox.folder, 'crossbpf.lock.json');
  const lock = JSON.parse(await readFile(file, 'utf8'));
  const pinned = lock.kernels[`linux@${SERIES}`];
  expect(locked.stdout).toBe(`${pinned.release}\ncrossbpf.lock.json pins them\n`);

  const run = await sandbox.run(['run', 'a.bpf.c', '--reporter', 'json']);
  expect(JSON.parse(run.stdout).targets[0].release).toBe(pinned.release);

  // A digest that no build has: the run asks for that build and no other.
  const [name] = Object.keys(pinned.packages);
  pinned.packages[name ?? ''] = '0'.repeat(64);
  pinned.version = '6.1.1-1';
  await sandbox.write('crossbpf.lock.json', JSON.stringify(lock));
  const refused = await sandbox.run(['run', 'a.bpf.c'], {
    CROSSBPF_DEBIAN_SNAPSHOT: 'http://127.0.0.1:9',
  });
  expect(refused.exitCode).toBe(3);
  expect(refused.stdout + refused.stderr).toContain(`linux@${SERIES}`);
});
