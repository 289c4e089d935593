import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BIN, openSandbox, smallFixture } from '../support/command-line.ts';
import { copyWarmCache, SERIES } from '../support/kernel-cache.ts';

const sandbox = await openSandbox();
beforeAll(async () => {
  await copyWarmCache(sandbox.cacheRoot);
  for (const name of ['a', 'b', 'c', 'd']) {
    await sandbox.write(`${name}.bpf.c`, smallFixture(name));
  }
});
afterAll(() => sandbox[Symbol.asyncDispose]());

/** Runs the fixtures by a shell script, in which `$@` is the command. */
async function runUnder(script: string, command = 'sh') {
  const files = ['a', 'b', 'c', 'd'].map(name => `${name}.bpf.c`);
  const run = [process.execPath, BIN, 'run', ...files, '-t', `linux@${SERIES}`, '-j', '8'];
  const prefix = command === 'sh' ? ['-c'] : ['--mount', 'sh', '-c'];
  return execa(command, [...prefix, script, 'sh', ...run], {
    cwd: sandbox.folder,
    env: { CROSSBPF_CACHE: sandbox.cacheRoot, TMPDIR: sandbox.temporary },
    reject: false,
  });
}

async function snapshots(): Promise<string[]> {
  const folder = path.join(sandbox.cacheRoot, 'snapshots');
  const names = (await readdir(folder)).filter(name => !name.endsWith('.lock'));
  return Promise.all(
    names.map(async name => `${name} ${(await stat(path.join(folder, name))).ino}`),
  );
}

test.each([40, 52, 64])(
  'with %i descriptors it says what to do, and no snapshot is lost',
  async limit => {
    const before = await snapshots();
    const { stdout, stderr, exitCode } = await runUnder(`ulimit -n ${limit}; exec "$@"`);
    expect(stdout + stderr).not.toMatch(/\n\s+at |this is a bug|TypeError/);
    if (exitCode !== 0) {
      expect({ exitCode, said: stdout + stderr }).toMatchObject({
        exitCode: 3,
        said: expect.stringContaining('Raise the limit (ulimit -n), or use fewer --jobs.'),
      });
    }
    expect(await snapshots()).toEqual(before);
  },
);

test.skipIf(process.getuid?.() !== 0)('a warm cache that is read-only is used', async () => {
  const cache = sandbox.cacheRoot;
  expect(await runUnder('exec "$@"')).toMatchObject({ exitCode: 0 });
  const readOnly = `mount --bind ${cache} ${cache} && mount -o remount,bind,ro ${cache} && exec "$@"`;
  const { stdout, exitCode } = await runUnder(readOnly, 'unshare');
  expect(stdout).toContain('4 programs on 1 target: 4 accepted');
  expect(exitCode).toBe(0);
});
