import { once } from 'node:events';
import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { locateAgentBinary } from '../../harness/agent/agent-binary.ts';
import { AgentSession } from '../../harness/agent/agent-session.ts';
import type { Kernel } from '../../harness/kernels/kernel.ts';
import { resolveKernels } from '../../harness/kernels/resolve-kernels.ts';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { probeKvm } from '../../harness/vm/accelerator.ts';
import { storeInitramfs } from '../../harness/vm/initramfs-store.ts';
import { findQemu } from '../../harness/vm/qemu-binary.ts';
import { type StartOptions, startGuest } from '../../harness/vm/start-guest.ts';
import type { SnapshotEvent } from '../../harness/vm/warm-guest.ts';
import { isAlive } from '../vm/stand-ins/scripted-qemu.ts';

const PACKAGE_ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PARENT = fileURLToPath(new URL('../vm/stand-ins/parent.ts', import.meta.url));
/** One has its devices' drivers as modules, the other built in. */
const SERIES = ['5.10', '6.12'] as const;

let kernels: ReadonlyMap<string, Kernel>;
let init: string;

beforeAll(async () => {
  const found = await resolveKernels(
    SERIES.map(series => ({ kind: 'series', series })),
    {
      ...{ arch: 'amd64', modules: ['virtio_pci', 'virtio_console'] },
      ...{ cacheRoot: cacheRoot(process.env), environment: process.env },
    },
  );
  kernels = new Map(
    found.map((result, index) => {
      if (result.status === 'failed') throw result.error;
      return [SERIES[index] ?? '', result.kernel];
    }),
  );
  const platform = { os: 'linux', arch: 'amd64' } as const;
  init = await locateAgentBinary({ platform, packageRoot: PACKAGE_ROOT });
});

function kernelOf(series: string): Kernel {
  const kernel = kernels.get(series);
  if (kernel === undefined) throw new Error(`no kernel ${series}`);
  return kernel;
}

/** A guest of a kernel, with a cache of its own for all but the kernel. */
function optionsFor(series: string, cache: string): StartOptions {
  return {
    ...{ kernel: kernelOf(series), init, kernelWords: [], memoryMiB: 512 },
    ...{ accelerator: 'auto', cacheRoot: cache, environment: process.env, timeoutMs: 120_000 },
  };
}

describe.each(SERIES)('Linux %s', series => {
  test('boots, answers, and ends when the agent powers it off', async () => {
    await using cache = await openTempFolder('crossbpf-test');
    await using guest = await startGuest(optionsFor(series, cache.path));
    const session = new AgentSession(guest.port);
    const { kernel, warnings } = await session.hello();
    expect(kernel.release).toBe(kernelOf(series).release);
    expect(warnings).toEqual([]);
    expect(guest.start).toBe('boot');
    await session.bye();
    expect(await guest.exited).toMatchObject({ reason: 'shutdown' });
  });

  test('is restored as often as wanted, and only read from its snapshot', async () => {
    await using cache = await openTempFolder('crossbpf-test');
    const events: SnapshotEvent[] = [];
    const start = () => startGuest(restored(optionsFor(series, cache.path), events));
    await (await start())[Symbol.asyncDispose]();
    const before = await snapshotTimes(cache.path);
    const guests = await Promise.all([start(), start(), start()]);
    for (const guest of guests) {
      expect(guest.start).toBe('restore');
      const { kernel } = await new AgentSession(guest.port).hello({ entropy: '00ff' });
      expect(kernel.release).toBe(kernelOf(series).release);
    }
    await Promise.all(guests.map(guest => guest[Symbol.asyncDispose]()));
    expect(await snapshotTimes(cache.path)).toEqual(before);
    expect(events).toEqual([{ type: 'snapshot:saving' }]);
  });
});

test('a guest keeps its clock, also where that seems wrong beside another one', async () => {
  await using cache = await openTempFolder('crossbpf-test');
  const kernelWords = ['tsc_early_khz=2000000', 'ignore_loglevel'];
  await using guest = await startGuest({ ...optionsFor('6.12', cache.path), kernelWords });
  await new AgentSession(guest.port).hello();
  await expect
    .poll(() => guest.consoleTail().join('\n'), { timeout: 30_000 })
    .toMatch(/Switched to clocksource tsc$/m);
  expect(guest.consoleTail().join('\n')).not.toMatch(/unstable/i);
});

test('a damaged snapshot is thrown away and saved anew', async () => {
  await using cache = await openTempFolder('crossbpf-test');
  const events: SnapshotEvent[] = [];
  const options = restored(optionsFor('6.12', cache.path), events);
  await (await startGuest(options))[Symbol.asyncDispose]();
  await truncate(join(await snapshotFolder(cache.path), 'state'), 10_000);
  await using guest = await startGuest(options);
  await new AgentSession(guest.port).hello();
  expect(events.map(({ type }) => type)).toEqual([
    ...['snapshot:saving', 'snapshot:discarded', 'snapshot:saving'],
  ]);
});

test('a kernel that panics is reported with what it printed', async () => {
  await using cache = await openTempFolder('crossbpf-test');
  const notExecutable = join(cache.path, 'init');
  await writeFile(notExecutable, 'this is no program');
  const options = { ...optionsFor('6.12', cache.path), init: notExecutable };
  const error = await startGuest(options).catch(thrown => thrown);
  expect(error).toMatchObject({ code: 'INFRA_GUEST_PANIC' });
  expect(error.message).toMatch(/Kernel panic - not syncing: No working init found/);
  expect(error.facts.console.join('\n')).toContain('Call Trace');
});

test('the console loses nothing while this process is busy', async () => {
  await using cache = await openTempFolder('crossbpf-test');
  const verbose = { ...optionsFor('6.12', cache.path), kernelWords: ['loglevel=7'] };
  let isStarted = false;
  const starting = startGuest(verbose).finally(() => {
    isStarted = true;
  });
  while (!isStarted) {
    await setTimeout(20);
    block(1000);
  }
  await using guest = await starting;
  const lines = guest.consoleTail();
  expect(lines.length).toBeGreaterThan(100);
  expect(lines.filter(line => !/^\[\s*\d+\.\d{6}\] /.test(line))).toEqual([]);
});

test('no QEMU survives a parent that is killed', async () => {
  await using cache = await openTempFolder('crossbpf-test');
  const { path } = await storeInitramfs({ init, modules: [] }, cache.path);
  const machine = {
    ...{ arch: 'amd64', kernel: kernelOf('6.12').image, initramfs: path },
    ...{ accelerator: 'tcg', memoryMiB: 512 },
  };
  const qemu = await findQemu('amd64');
  const parent = execa(process.execPath, [PARENT, JSON.stringify({ qemu, machine })], {
    reject: false,
  });
  await once(parent.stdout, 'data');
  const [child = 0] = await childrenOf(parent.pid ?? 0);
  expect(await readFile(`/proc/${child}/comm`, 'utf8')).toContain('qemu');
  parent.kill('SIGKILL');
  await parent;
  await expect.poll(() => isAlive(child)).toBe(false);
});

test('whether KVM works here is found out, and does not hang', async () => {
  await using cache = await openTempFolder('crossbpf-test');
  const { path } = await storeInitramfs({ init, modules: [] }, cache.path);
  const machine = { arch: 'amd64', kernel: kernelOf('6.12').image, initramfs: path } as const;
  const qemu = await findQemu('amd64');
  const result = await probeKvm({
    ...{ qemu, cacheRoot: cache.path, machine: { ...machine, memoryMiB: 512 } },
  });
  expect(result.reason).toMatch(result.usable ? /^a guest booted/ : /did not boot|no \/dev|not be/);
});

/** The same start, from a snapshot. */
function restored(options: StartOptions, events: SnapshotEvent[]): StartOptions {
  return {
    ...options,
    snapshot: {
      greet: async port => void (await new AgentSession(port).hello()),
      onEvent: event => events.push(event),
    },
  };
}

/** Keeps this thread from doing anything else, for so many milliseconds. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

async function snapshotFolder(cache: string): Promise<string> {
  const names = await readdir(join(cache, 'snapshots'));
  return join(cache, 'snapshots', names.find(name => !name.endsWith('.lock')) ?? '');
}

async function snapshotTimes(cache: string) {
  const folder = await snapshotFolder(cache);
  const names = await readdir(folder);
  return Promise.all(
    names.toSorted().map(async name => {
      const { mtimeMs, size, blocks } = await stat(join(folder, name));
      return { name, mtimeMs, size, blocks };
    }),
  );
}

async function childrenOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.split(' ').filter(Boolean).map(Number);
}
