import { execa } from 'execa';
import { expect, test } from 'vitest';
import { parentBound } from '../../harness/vm/parent-bound.ts';

test('runs the command with its arguments as they are', async () => {
  const printed = ['%s|%s|%s', 'a b', '$HOME "x"', ''];
  const { file, args } = parentBound({ file: 'printf', args: printed });
  expect((await execa(file, args, { stripFinalNewline: false })).stdout).toBe('a b|$HOME "x"|');
});

test('gives up privileges before the command runs', async () => {
  const { file, args } = parentBound({
    file: 'grep',
    args: ['NoNewPrivs', '/proc/self/status'],
    privileges: ['--no-new-privs'],
  });
  expect((await execa(file, args)).stdout).toBe('NoNewPrivs:\t1');
});

test('does not run a command whose parent died before it was bound to it', async () => {
  const deadParent = 2 ** 22 + 1;
  const { file, args } = parentBound({ file: 'echo', args: ['ran'] }, deadParent);
  const { stdout, exitCode } = await execa(file, args, { reject: false });
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
});
