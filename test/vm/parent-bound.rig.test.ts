import { writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { parentBound } from '../../harness/vm/parent-bound.ts';

test('runs the command with its arguments as they are', async () => {
  const printed = ['%s|%s|%s', 'a b', '$HOME "x"', ''];
  const { file, args } = parentBound({ file: 'printf', args: printed });
  expect((await execa(file, args, { stripFinalNewline: false })).stdout).toBe('a b|$HOME "x"|');
});

test('opens a file for the command', async () => {
  await using folder = await openTempFolder('crossbpf-test');
  const opened = `${folder.path}/it's a "file"`;
  await writeFile(opened, 'content');
  const { file, args } = parentBound({ file: 'cat', args: ['/dev/fd/8'], opened });
  expect((await execa(file, args)).stdout).toBe('content');
});

test('does not run a command whose parent died before it was bound to it', async () => {
  const deadParent = 2 ** 22 + 1;
  const { file, args } = parentBound({ file: 'echo', args: ['ran'] }, deadParent);
  const { stdout, exitCode } = await execa(file, args, { reject: false });
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
});
