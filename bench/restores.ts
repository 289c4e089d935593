/**
 * Restores guests one after another in one process and looks for anything that grows; then has eight
 * at once and adds up their memory. With --rewind, one guest is used again and again, as a run does.
 *
 *     node bench/restores.ts [--count 1000] [--series 6.1] [--rewind]
 */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { cacheRoot } from '../harness/storage/cache-root.ts';
import { openTempFolder } from '../harness/storage/temp-folder.ts';
import type { Target } from '../harness/targets/connection.ts';
import { createTargets } from '../harness/targets/create-targets.ts';
import { SpareGuests } from '../harness/targets/spare-guests.ts';
import { compileObject } from './bench-object.ts';
import { loadNow, machineFacts } from './machine-facts.ts';
import { markdownTable, spread } from './statistics.ts';

const AT_ONCE = 8;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    series: { type: 'string', default: '6.1' },
    rewind: { type: 'boolean', default: false },
  },
});
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const { signal } = new AbortController();
const root = cacheRoot(process.env);
await using spares = new SpareGuests();
await using temp = await openTempFolder('crossbpf-bench');
const file = path.join(temp.path, 'count.o');
await compileObject('count.bpf.c', file);
const object = await readFile(file);
const snapshots: string[] = [];
const target = await openTarget(`linux@${values.series}`);
const total = Number(values.count);
const marks = [0, 0.1, 0.25, 0.5, 0.75, 1].map(part => Math.round(total * part));

process.stdout.write(`${await machineFacts()}\n${target.id}\n`);
// A snapshot is made where there is none.
await (await target.open(signal))[Symbol.asyncDispose]();
await measureRestores();
await measureMemory();
if (snapshots.length > 0) process.stdout.write(`snapshots: ${snapshots.join(', ')}\n`);

async function openTarget(name: string): Promise<Target> {
  const [planned] = await createTargets([name], {
    ...{ accel: 'tcg', fresh: false, memoryMiB: 512, folder: process.cwd(), cacheRoot: root },
    ...(values.rewind ? { spares } : {}),
    ...{ packageRoot: path.join(import.meta.dirname, '..'), environment: process.env, signal },
    onSnapshot: (_, event) => void snapshots.push(JSON.stringify(event)),
    onProgress: () => {},
  });
  if (planned?.kind !== 'ready') throw planned?.error ?? new Error(`no target ${name}`);
  return planned.target;
}

async function measureRestores(): Promise<void> {
  const rows: string[][] = [];
  let times: number[] = [];
  for (let done = 0; done <= total; done++) {
    if (marks.includes(done)) {
      rows.push([String(done), ...(await census()), times.length ? timesOf(times) : '', loadNow()]);
      times = [];
    }
    if (done === total) break;
    const startedAt = performance.now();
    await useGuest();
    times.push(performance.now() - startedAt);
  }
  const kinds = [
    'RSS MiB',
    'heap MiB',
    'QEMU MiB',
    'descriptors',
    'processes',
    'temp files',
    'cache files',
  ];
  const head = ['restores', ...kinds, 'ms, median (min … max) since', 'load'];
  process.stdout.write(markdownTable([head, ...rows]));
}

/** A fresh guest, and one object in it, which must be accepted. */
async function useGuest(): Promise<void> {
  await using connection = await target.open(signal);
  const load = connection.load({ name: 'count', object, logHead: 0, logTail: 0 });
  for await (const { verdict } of load) if (verdict !== 'accept') throw new Error(verdict);
}

function timesOf(times: readonly number[]): string {
  const { minimum, median, maximum } = spread(times);
  return `${median.toFixed(0)} (${minimum.toFixed(0)} … ${maximum.toFixed(0)})`;
}

/** All that could grow. */
async function census(): Promise<string[]> {
  collectGarbage();
  const { rss, heapUsed } = process.memoryUsage();
  const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  const temporary = (await readdir(tmpdir())).filter(name => name.startsWith('crossbpf'));
  const lists = ['snapshots', 'initramfs'].map(name => readdir(path.join(root, name)));
  const cached = (await Promise.all(lists)).flat();
  const pids = await descendants(process.pid);
  const machines = await Promise.all(pids.map(readMemory));
  const pss = machines.reduce((sum, each) => sum + each.pss, 0);
  const counts = [
    (await readdir('/proc/self/fd')).length,
    pids.length,
    temporary.length,
    cached.length,
  ];
  return [mebibytes(rss), mebibytes(heapUsed), mebibytes(pss * 1024), ...counts.map(String)];
}

async function descendants(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map(id => readFile(`/proc/${pid}/task/${id}/children`, 'utf8').catch(() => '')),
  );
  const children = lists.flatMap(list => list.split(' ').filter(Boolean).map(Number));
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}

async function measureMemory(): Promise<void> {
  await using guests = new AsyncDisposableStack();
  const startedAt = performance.now();
  const connections = await Promise.all(Array.from({ length: AT_ONCE }, () => target.open(signal)));
  const wall = performance.now() - startedAt;
  for (const connection of connections) guests.use(connection);
  const pids = await descendants(process.pid);
  const processes = await Promise.all(pids.map(readMemory));
  const machines = processes.filter(({ program }) => program.includes('qemu'));
  const sum = machines.reduce((all, { pss }) => all + pss, 0);
  process.stdout.write(
    `${machines.length} guests at once: ${(sum / 1024).toFixed(0)} MiB in all (sum of Pss), started in ${wall.toFixed(0)} ms (load ${loadNow()})\n`,
  );
}

/** `pss` in KiB: pages that several processes share are counted in parts. */
async function readMemory(pid: number): Promise<{ program: string; pss: number }> {
  const program = await readlink(`/proc/${pid}/exe`).catch(() => '');
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return { program, pss: Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) };
}
