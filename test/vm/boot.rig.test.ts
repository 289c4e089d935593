import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { CrossbpfError } from '../../harness/crossbpf-error.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { type BootOptions, bootGuest } from '../../harness/vm/boot.ts';
import { isAlive, MACHINE, processOf, scriptedQemu } from './stand-ins/scripted-qemu.ts';

const PARENT = fileURLToPath(new URL('stand-ins/parent.ts', import.meta.url));

async function bootScripted(behaviour: string, options: Partial<BootOptions> = {}) {
  await using folder = await openTempFolder('crossbpf-test');
  const qemu = await scriptedQemu(folder.path, behaviour);
  return await bootGuest({ qemu, machine: MACHINE, timeoutMs: 20_000, ...options });
}

/** The error that a boot ends with, after which its QEMU is gone. */
async function failureOf(behaviour: string, options: Partial<BootOptions> = {}) {
  const error = await bootScripted(behaviour, options).then(
    () => new Error('the guest booted'),
    thrown => thrown,
  );
  if (!(error instanceof CrossbpfError)) throw error;
  const { console = [] } = error.facts;
  if (console.length > 0) expect(await isAlive(processOf(console))).toBe(false);
  return error;
}

test('a guest whose agent opens its port can be talked to, and is gone once disposed', async () => {
  let pid: number;
  {
    await using guest = await bootScripted('works');
    pid = processOf(guest.consoleTail());
    guest.port.write('hello');
    expect(String((await once(guest.port, 'data'))[0])).toBe('hello');
    expect(guest).toMatchObject({ start: 'boot', accelerator: 'tcg' });
  }
  expect(await isAlive(pid)).toBe(false);
});

test('disposing says so to those who wait for the end', async () => {
  const guest = await bootScripted('works');
  await guest[Symbol.asyncDispose]();
  await expect(guest.exited).resolves.toMatchObject({ reason: 'disposed' });
});

test('QEMU that dies at once is reported in its own words', async () => {
  const error = await failureOf('dies at once');
  expect(error.code).toBe('INFRA_GUEST_EXIT');
  expect(error.message).toContain('qemu: -machine pc: unsupported machine type');
  expect(error.facts.output).toContain('unsupported machine type');
});

test('a binary that is not there is reported', async () => {
  const qemu = { path: '/nowhere/qemu', identity: '' };
  const error = await bootGuest({ qemu, machine: MACHINE, timeoutMs: 20_000 }).catch(e => e);
  expect(error.code).toBe('INFRA_GUEST_EXIT');
  expect(error.message).toContain('/nowhere/qemu: not found');
});

test('a guest that never opens its port runs into the deadline, with its last line', async () => {
  const error = await failureOf('is silent', { timeoutMs: 1500 });
  expect(error.code).toBe('INFRA_GUEST_TIMEOUT');
  expect(error.message).toBe('the guest did not open its port in 1.5 s (last line: "last words")');
  expect(error.facts.console?.slice(-2)).toEqual(['Booting', 'last words']);
});

test.each(['panics and ends', 'panics and hangs'])(
  'a guest that %s is reported as a panic',
  async behaviour => {
    const error = await failureOf(behaviour);
    expect(error.code).toBe('INFRA_GUEST_PANIC');
    expect(error.message).toContain('VFS: Unable to mount root fs');
    expect(error.facts.console?.at(-1)).toContain('Kernel panic - not syncing');
  },
);

test('a guest that powers itself off too early is reported', async () => {
  const error = await failureOf('powers off');
  expect(error.code).toBe('INFRA_GUEST_EXIT');
  expect(error.message).toContain('it powered itself off');
});

test('aborting ends the boot with the reason of the abort', async () => {
  const abort = new AbortController();
  const failure = bootScripted('is silent', { signal: abort.signal }).catch(thrown => thrown);
  await setTimeout(300);
  abort.abort(new Error('Ctrl-C'));
  expect(await failure).toEqual(new Error('Ctrl-C'));
});

test('no QEMU is started once aborted', async () => {
  const signal = AbortSignal.abort(new Error('too late'));
  await expect(bootScripted('works', { signal })).rejects.toThrow('too late');
});

test('QEMU dies with its parent, however that dies', async () => {
  await using folder = await openTempFolder('crossbpf-test');
  const qemu = await scriptedQemu(folder.path, 'works');
  const options = JSON.stringify({ qemu, machine: MACHINE });
  const parent = execa(process.execPath, [PARENT, options], { reject: false });
  const [line] = await once(parent.stdout, 'data');
  const pid = processOf(JSON.parse(String(line)));
  expect(await isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await parent;
  await expect.poll(() => isAlive(pid)).toBe(false);
});
