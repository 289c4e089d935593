/**
 * Measures what a change of QEMU's arguments does to the start of a guest: boot, and restore until the
 * agent has answered. Variants take turns, so that what else the machine does meets all of them alike.
 *
 *     node bench/guest-start.ts [--rounds 20] [--series 6.1] [VARIANT…]
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { locateAgentBinary } from '../harness/agent/agent-binary.ts';
import { AgentSession } from '../harness/agent/agent-session.ts';
import { resolveKernels } from '../harness/kernels/resolve-kernels.ts';
import { cacheRoot } from '../harness/storage/cache-root.ts';
import { openTempFolder } from '../harness/storage/temp-folder.ts';
import { waitForAgent } from '../harness/vm/boot.ts';
import { GuestProcess } from '../harness/vm/guest-process.ts';
import { storeInitramfs } from '../harness/vm/initramfs-store.ts';
import { findQemu } from '../harness/vm/qemu-binary.ts';
import {
  type GuestMemory,
  type MachineOptions,
  qemuArguments,
} from '../harness/vm/qemu-command.ts';
import { readQemuVersion } from '../harness/vm/qemu-version.ts';
import { loadState } from '../harness/vm/restore.ts';
import { saveState } from '../harness/vm/snapshot.ts';
import { type Change, variants } from './guest-start-variants.ts';

const PACKAGE_ROOT = path.join(import.meta.dirname, '..');
const LIMITS = { timeoutMs: 60_000, signal: undefined };

/** Milliseconds: until the agent answered, and what all threads of QEMU took of the processor for it. */
interface Sample {
  readonly wall: number;
  readonly cpu: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '20' },
    series: { type: 'string', default: '6.1' },
  },
});
const qemu = await findQemu('amd64');
const machine = await prepareMachine(values.series);
await using temp = await openTempFolder('crossbpf-bench');
const chosen = positionals.length === 0 ? Object.keys(variants) : positionals;

for (const name of chosen) report(`boot ${name}`, [await boot(name)]);
const restores = new Map<string, Sample[]>(chosen.map(name => [name, []]));
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name, samples] of restores) samples.push(await restore(name));
}
for (const [name, samples] of restores) report(`restore ${name}`, samples);

async function prepareMachine(series: string): Promise<MachineOptions> {
  const root = cacheRoot(process.env);
  const [found] = await resolveKernels([{ kind: 'series', series }], {
    ...{ arch: 'amd64', modules: ['virtio_pci', 'virtio_console'] },
    ...{ cacheRoot: root, environment: process.env },
  });
  if (found?.status !== 'found') throw found?.error ?? new Error(`no kernel ${series}`);
  const { image: kernel, modules } = found.kernel;
  const platform = { os: 'linux', arch: 'amd64' } as const;
  const init = await locateAgentBinary({ platform, packageRoot: PACKAGE_ROOT });
  const { path: initramfs } = await storeInitramfs({ init, modules }, root);
  const qemuVersion = await readQemuVersion(qemu, root);
  return { arch: 'amd64', kernel, initramfs, accelerator: 'tcg', qemuVersion, memoryMiB: 512 };
}

/** Boots, and saves what is restored later. */
async function boot(name: string): Promise<Sample> {
  const startedAt = performance.now();
  await using guest = start(name, 'shared-file');
  await waitForAgent(guest, LIMITS);
  const sample = await answer(guest, startedAt);
  await saveState(guest.qmp, fileOf(name, 'state'));
  return sample;
}

async function restore(name: string): Promise<Sample> {
  const startedAt = performance.now();
  await using guest = start(name, 'private-file');
  const loaded = loadState(guest);
  const sample = await answer(guest, startedAt);
  await loaded;
  return sample;
}

function start(name: string, kind: 'shared-file' | 'private-file'): GuestProcess {
  const incoming = kind === 'private-file';
  const memory: GuestMemory = { kind, path: fileOf(name, 'memory') };
  const change: Change = variants[name] ?? unknown(name);
  const command = { ...machine, memory, incoming };
  return new GuestProcess({
    binary: qemu.path,
    command,
    args: change(qemuArguments(command)),
    ...(incoming ? { state: fileOf(name, 'state') } : {}),
  });
}

function unknown(name: string): never {
  throw new Error(`no variant ${name}; there are: ${Object.keys(variants).join(', ')}`);
}

async function answer(guest: GuestProcess, startedAt: number): Promise<Sample> {
  await new AgentSession(guest.port).hello();
  const wall = performance.now() - startedAt;
  return { wall, cpu: await processorTime(guest.pid ?? 0) };
}

/** The first field of a thread's `schedstat` is its time on a processor in nanoseconds. */
async function processorTime(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const times = await Promise.all(
    threads.map(async thread => {
      const stat = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0');
      return Number(stat.split(' ')[0]);
    }),
  );
  return times.reduce((sum, time) => sum + time, 0) / 1e6;
}

function fileOf(name: string, file: string): string {
  return path.join(temp.path, `${name.replace(/\W+/g, '-')}.${file}`);
}

function report(what: string, samples: readonly Sample[]): void {
  const column = (key: keyof Sample) => {
    const sorted = samples.map(sample => sample[key]).sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    return `${median.toFixed(0).padStart(6)} (min ${(sorted[0] ?? 0).toFixed(0)})`;
  };
  process.stdout.write(`${what.padEnd(36)} wall${column('wall')}  cpu${column('cpu')} ms\n`);
}
