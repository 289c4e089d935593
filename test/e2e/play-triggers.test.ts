import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TriggerEvent, WireStep } from '../../harness/agent/play-messages.ts';
import { findCompiler } from '../../harness/fixtures/find-compiler.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import type { Connection, Target } from '../../harness/targets/connection.ts';
import { compileProgram, findTargets, type Play, perform } from '../support/stage.ts';

const SERIES = ['5.10', '7.3'] as const;
const FOLDER = path.join(import.meta.dirname, 'play');

let targets: ReadonlyMap<string, Target>;
let hooks: Buffer;
let helper: Buffer;

beforeAll(async () => {
  targets = await findTargets(SERIES.map(series => `linux@${series}`));
  hooks = await compileProgram(path.join(FOLDER, 'hooks.bpf.c'));
  helper = await compileHelper();
});

/** A program for the guest: it has no library, as a guest has none. */
async function compileHelper(): Promise<Buffer> {
  const { command } = await findCompiler({ environment: process.env });
  await using folder = await openTempFolder('crossbpf-test');
  const binary = path.join(folder.path, 'helper');
  const source = path.join(FOLDER, 'helper.c');
  const plain = ['-static', '-nostdlib', '-O1', '-fno-stack-protector', '-fcf-protection=none'];
  await execa(command, [...plain, source, '-o', binary]);
  return readFile(binary);
}

const trigger = (event: TriggerEvent): WireStep => ({ kind: 'trigger', event });
const runHelper = (...args: string[]) => trigger({ what: 'exec', file: 'helper', arguments: args });
const signal = (name: string) => trigger({ what: 'signal', signal: name });
const TCP = { what: 'tcp', via: 'veth', port: 80, payload: '6869' } as const;
const UDP = { what: 'udp', via: 'veth', port: 53, payload: '6869', count: 3 } as const;

// The helper is written for one architecture.
describe.runIf(process.arch === 'x64').each(SERIES)('Linux %s', series => {
  let guest: Connection;

  beforeAll(async () => {
    const opened = await targets.get(`linux@${series}`)?.open(new AbortController().signal);
    if (opened === undefined) throw new Error(`no target linux@${series}`);
    guest = opened;
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  const play = (options: Partial<Play>, ...steps: WireStep[]) =>
    perform(guest, {
      ...{ object: hooks, files: [{ name: 'helper', bytes: helper }], ...options, steps },
    });

  test('a file of the scenario runs, and how it ended is told', async () => {
    const { steps } = await play(
      ...[{}, runHelper('answer'), runHelper('x is printed'), runHelper('fail')],
      ...[runHelper('crash'), runHelper('long')],
      trigger({ what: 'exec', file: 'missing', arguments: [] }),
    );
    expect(steps[0]).toMatchObject({ ok: true, exitCode: 0, text: '' });
    expect(steps[1]).toMatchObject({ ok: true, exitCode: 0, text: 'x is printed' });
    expect(steps[2]).toMatchObject({
      ...{ ok: false, errno: null, exitCode: 3, text: 'one\nthe disk is full\n' },
      message: 'helper ended with code 3: the disk is full',
    });
    expect(steps[3]).toMatchObject({ ok: false, exitCode: 128 + 11 });
    expect(steps[4]).toMatchObject({ ok: true, exitCode: 0, truncated: true });
    expect(steps[4]?.text).toHaveLength(65_536);
    expect(steps[5]).toMatchObject({ ok: false, errno: 'ENOENT' });
  });

  test('a file that is no program says so', async () => {
    const files = [
      { name: 'text', bytes: Buffer.from('hello') },
      { name: 'script', bytes: Buffer.from('#!/bin/sh\ntrue\n') },
    ];
    const { steps } = await play(
      { files },
      trigger({ what: 'exec', file: 'text', arguments: [] }),
      trigger({ what: 'exec', file: 'script', arguments: [] }),
    );
    expect(steps[0]).toMatchObject({ errno: 'ENOEXEC' });
    expect(steps[0]?.message).toMatch(/it is no program for this machine/);
    expect(steps[1]).toMatchObject({ errno: 'ENOENT' });
    expect(steps[1]?.message).toMatch(/a guest has no shell/);
  });

  test('a program that hangs is killed, with its children', async () => {
    const { steps } = await play(
      ...[{ stepTimeoutMs: 700 }, runHelper('hang'), runHelper('orphan'), runHelper('answer')],
    );
    expect(steps[0]).toMatchObject({ ok: false, errno: null, exitCode: 128 + 9 });
    expect(steps[0]?.message).toMatch(/^helper did not end in the 700ms .*, and was killed$/);
    expect(steps[1]).toMatchObject({ ok: true, exitCode: 0 });
    expect(steps[2]).toMatchObject({ ok: true, exitCode: 0 });
  });

  test('a uprobe sees a function of a file that the scenario runs', async () => {
    const target = { at: 'uprobe', file: 'helper', symbol: 'answer' } as const;
    const { steps, dumps } = await play(
      { programs: ['on_uprobe'], dumps: ['.bss'] },
      { kind: 'attach', program: 'on_uprobe', as: 'it', target },
      ...[runHelper('answer'), runHelper('fail'), runHelper('answer')],
    );
    expect(steps.map(({ exitCode }) => exitCode)).toEqual([undefined, 0, 3, 0]);
    // Behind `denies`, UPROBE is the eleventh of `enum hook`.
    const hits = Buffer.from(dumps['.bss']?.entries[0]?.values[0] ?? '', 'hex');
    expect(hits.readUInt32LE(4 + 4 * 10)).toBe(2);
  });

  test('a signal does to a child what it does to any process', async () => {
    const { steps } = await play(
      ...[{}, signal('SIGUSR1'), signal('SIGKILL'), signal('SIGSTOP'), signal('SIGCHLD')],
      signal('SIGNOTHING'),
    );
    expect(steps.map(({ exitCode, message }) => exitCode ?? message)).toEqual([
      ...[128 + 10, 128 + 9, 0, 0, 'there is no signal "SIGNOTHING"'],
    ]);
  });

  test('TCP carries more than fits into a socket, both ways', async () => {
    const payload = 'ab'.repeat(1_000_000);
    const { steps } = await play(
      {},
      trigger({ ...TCP, payload }),
      trigger({ ...TCP, payload, direction: 'out' }),
      trigger({ ...TCP, payload, via: 'lo' }),
      trigger({ ...TCP, payload: '' }),
    );
    expect(steps.map(({ ok, message }) => [ok, message])).toEqual(Array(4).fill([true, '']));
  });

  test('TCP that nobody answers ends with its time', async () => {
    const { steps } = await play(
      {
        ...{ programs: ['on_xdp'], stepTimeoutMs: 500 },
        // `denies`.
        variables: [{ section: '.bss', offset: 0, bytes: '01' }],
      },
      { kind: 'attach', program: 'on_xdp', as: 'it', target: null },
      ...[trigger(TCP), trigger(UDP), { kind: 'detach', as: 'it' } as const, trigger(TCP)],
    );
    expect(steps[1]).toMatchObject({ ok: false, errno: 'ETIMEDOUT' });
    expect(steps[2]).toMatchObject({ ok: true, received: 0 });
    expect(steps[4]).toMatchObject({ ok: true });
  });

  test('a pause is no longer than a step may be', async () => {
    const { steps } = await play(
      { stepTimeoutMs: 50 },
      trigger({ what: 'sleep', milliseconds: 10_000 }),
      trigger({ what: 'sleep', milliseconds: 1 }),
    );
    expect(steps[0]?.message).toMatch(/^took \S+, longer than the 50ms that a step may take$/);
    expect(steps[1]).toMatchObject({ ok: true });
  });

  test('files are opened and read', async () => {
    const { steps } = await play(
      {},
      trigger({ what: 'open', path: '/proc/sys/kernel/ostype', maxBytes: 100 }),
      trigger({ what: 'open', path: '/proc/sys/kernel/ostype' }),
      trigger({ what: 'open', path: '/nowhere' }),
    );
    expect(steps[0]).toMatchObject({ ok: true, text: 'Linux\n' });
    expect(steps[1]).not.toHaveProperty('text');
    expect(steps[2]).toMatchObject({ ok: false, errno: 'ENOENT' });
  });

  test('nothing is left of a scenario', async () => {
    const look = trigger({ what: 'open', path: '/proc/self/status', maxBytes: 10_000 });
    const threads = async () => {
      const { steps } = await play({ files: [] }, look);
      return Number(/^Threads:\s*(\d+)$/m.exec(steps[0]?.text ?? '')?.[1]);
    };
    const busy = async () => {
      const { steps } = await play(
        { programs: ['on_cgroup_ingress', 'on_xdp', 'on_kprobe'] },
        ...['on_cgroup_ingress', 'on_xdp', 'on_kprobe'].map(
          program => ({ kind: 'attach', program, as: program, target: null }) as const,
        ),
        ...[trigger(UDP), runHelper('answer')],
      );
      expect(steps.filter(({ ok }) => !ok)).toEqual([]);
    };
    await busy();
    const before = await threads();
    for (let round = 0; round < 5; round++) await busy();
    expect(await threads()).toBeLessThanOrEqual(before + 1);
    const { steps } = await play(
      { files: [] },
      trigger({ what: 'open', path: '/tmp/crossbpf' }),
      trigger({ what: 'open', path: '/sys/fs/cgroup/crossbpf-1' }),
      trigger({ what: 'open', path: '/sys/class/net/veth0' }),
      trigger({ what: 'open', path: '/sys/class/net/lo' }),
    );
    expect(steps.map(({ errno }) => errno)).toEqual(['ENOENT', 'ENOENT', 'ENOENT', null]);
  });
});

// A guest is thrown away, this machine is not.
test.runIf(process.arch === 'x64')(
  'nothing is left of a scenario that is broken off',
  async context => {
    const found = (await findTargets(['linux-host'])).get('linux-host');
    const signal = new AbortController().signal;
    const opened = await found?.open(signal).catch(() => undefined);
    if (opened === undefined) return context.skip('BPF is not permitted on this machine');
    const folders = async () =>
      (await readdir(tmpdir())).filter(name => /^crossbpf(-|$)/.test(name));
    const before = await folders();
    await using host = opened;
    const marker = `marker-${process.pid}`;
    const playing = host.play({
      ...{ name: 'test', object: hooks, programs: [], variables: [], dumps: [] },
      ...{ files: [{ name: 'helper', bytes: helper }], dumpEntries: 1, dumpBytes: 1 },
      steps: [trigger({ what: 'sleep', milliseconds: 1 }), runHelper('hang', marker)],
      stepTimeoutMs: 60_000,
    });
    await playing.next();
    await expect.poll(() => isRunning(marker)).toBe(true);
    expect(await folders()).not.toEqual(before);
    await host[Symbol.asyncDispose]();
    expect(await folders()).toEqual(before);
    await expect.poll(() => isRunning(marker)).toBe(false);
  },
);

/** Whether there is a process with that argument. */
async function isRunning(argument: string): Promise<boolean> {
  const processes = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const lines = await Promise.all(
    processes.map(id => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.some(line => line.split('\0').includes(argument));
}
