import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import { openSandbox, type Running, smallFixture } from '../support/command-line.ts';
import { copyKernel, fetchKernel, SERIES } from '../support/kernel-cache.ts';
import { mountSmallDisk } from '../support/small-disk.ts';

const TARGET = `linux@${SERIES}`;
const ARGS = ['run', 'pass.bpf.c', '-t', TARGET];

beforeAll(fetchKernel);

test('a disk that fills up while a snapshot is saved: what is needed is named, and the next run is right', async context => {
  await using disk = await mountSmallDisk('700m');
  if (disk === undefined) return context.skip('only root can mount a small disk');
  await using sandbox = await openSandbox(disk.path);
  await copyKernel(disk.path);
  await sandbox.write('pass.bpf.c', smallFixture());
  const running = sandbox.start(ARGS);
  await savingBegins(path.join(disk.path, 'snapshots'), running);
  const filler = await fillDisk(disk.path);
  const { stderr, exitCode } = await running.ended;
  expect(stderr).toMatch(
    new RegExp(
      `^error: ${TARGET}: \\S+/snapshots: no space left: about 250 MB needed, \\d+ MB free\\. Free some`,
      'm',
    ),
  );
  expect(stderr).not.toMatch(/this is a bug|^\s+at /m);
  expect(exitCode).toBe(3);
  expect(await sandbox.leftovers()).toEqual([]);
  await rm(filler);
  expect(await sandbox.run(ARGS)).toMatchObject({ exitCode: 0, stderr: '' });
});

async function savingBegins(folder: string, running: Running): Promise<void> {
  let hasEnded = false;
  void running.ended.then(() => {
    hasEnded = true;
  });
  while (!hasEnded) {
    const names = await readdir(folder).catch(() => []);
    if (names.some(name => name.startsWith('tmp-'))) return;
    await setTimeout(1);
  }
  throw new Error('no snapshot was saved');
}

/** Writes a file that takes all of the room there is, and gives its path. */
async function fillDisk(folder: string): Promise<string> {
  const filler = path.join(folder, 'filler');
  await execa('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1M'], { reject: false });
  return filler;
}
