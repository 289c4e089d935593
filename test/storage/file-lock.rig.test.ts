import { once } from 'node:events';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { type LockWait, lockFile, lockFileIfFree } from '../../harness/storage/file-lock.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';

const HOLDER = join(import.meta.dirname, 'hold-lock.ts');
const options = { purpose: 'test' };

/** Another process that holds the lock of a file. */
async function startHolder(path: string) {
  const child = execa(process.execPath, [HOLDER, path], { reject: false, buffer: false });
  await once(child.stdout, 'data');
  return { pid: child.pid, kill: () => child.kill('SIGKILL') };
}

test('two in one process exclude each other, in the order in which they end', async () => {
  await using folder = await openTempFolder('lock');
  const path = join(folder.path, 'new/folder/lock');
  const events: string[] = [];
  const work = async (name: string) => {
    await using _lock = await lockFile(path, options);
    events.push(`${name} in`);
    await new Promise(resolve => setTimeout(resolve, 20));
    events.push(`${name} out`);
  };
  await Promise.all([work('a'), work('b'), work('c')]);
  expect(events).toHaveLength(6);
  for (let index = 0; index < events.length; index += 2) {
    expect(events[index + 1]).toBe(events[index]?.replace('in', 'out'));
  }
});

test('a lock of a process that is killed by SIGKILL is free at once', async () => {
  await using folder = await openTempFolder('lock');
  const path = join(folder.path, 'lock');
  const holder = await startHolder(path);
  expect(await lockFileIfFree(path, options)).toBeUndefined();
  const waits: LockWait[] = [];
  const waiting = lockFile(path, { ...options, onWait: wait => waits.push(wait) });
  await expect.poll(() => waits.length).toBe(1);
  expect(waits[0]?.holder).toBe(`hold it (process ${holder.pid})`);
  holder.kill();
  await using lock = await waiting;
  expect(lock).toBeDefined();
});

test('a wait that is aborted ends, and takes nothing', async () => {
  await using folder = await openTempFolder('lock');
  const path = join(folder.path, 'lock');
  const held = await lockFile(path, options);
  const controller = new AbortController();
  const onWait = () => controller.abort(new Error('stopped by the user'));
  const waiting = lockFile(path, { ...options, onWait, signal: controller.signal });
  await expect(waiting).rejects.toThrow('stopped by the user');
  await held[Symbol.asyncDispose]();
  await using free = await lockFileIfFree(path, options);
  expect(free).toBeDefined();
});

test('a place that cannot be locked is an error, not a wait', async () => {
  await expect(lockFile('/dev/null/folder/lock', options)).rejects.toMatchObject({
    code: 'INFRA_NO_LOCK',
  });
});
