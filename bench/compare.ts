/**
 * Measures crossbpf against what people would use instead: the same object on the same kernels, each
 * tool as its users would call it. Tools take turns, so that what else the machine does meets all alike.
 *
 *     npm run bench -- [--rounds 3] [--series 6.1,5.10,…] [--only NAME,NAME]
 */
import { randomBytes } from 'node:crypto';
import { appendFile, copyFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import pMap from 'p-map';
import { cacheRoot } from '../harness/storage/cache-root.ts';
import { openTempFolder } from '../harness/storage/temp-folder.ts';
import { compileObject } from './bench-object.ts';
import {
  comparisonTables,
  type Entrant,
  JOBS,
  type Job,
  type Measured,
} from './comparison-table.ts';
import { installPackage } from './installed-package.ts';
import { type KernelTree, prepareKernelTrees } from './kernel-trees.ts';
import { machineFacts } from './machine-facts.ts';
import { runCrossbpf } from './peers/crossbpf.ts';
import { requirePackages } from './peers/install.ts';
import type { Peer, PreparedPeer, Setting } from './peers/peer.ts';
import { plainQemu } from './peers/plain-qemu.ts';
import { vimto } from './peers/vimto.ts';
import { virtmeNg } from './peers/virtme-ng.ts';
import { vmtest } from './peers/vmtest.ts';
import { descendantsSeconds } from './processor-time.ts';
import { SERIES } from './series.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    series: { type: 'string', default: SERIES.join(',') },
    only: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
/** What the machine can do at once; crossbpf takes as many by itself. */
const jobs = availableParallelism();
/** How long a job is done before it counts, and how long it counts. */
const WARM_UP_MS = 5000;
const COUNTED_MS = 5000;
/** How many objects a small test suite has. */
const MANY = 20;

await requirePackages({ '/usr/sbin/bpftool': 'bpftool', '/bin/busybox': 'busybox-static' });
await using temp = await openTempFolder('crossbpf-bench');
const root = cacheRoot(process.env);
/** Beside the cache, not in it: what other tools need must not push out kernels and snapshots. */
const own = `${root}-bench`;
const trees = await prepareKernelTrees(values.series.split(','), { cacheRoot: root, folder: own });
const bin = await installPackage(path.join(temp.path, 'package'));
const object = path.join(temp.path, 'count.o');
await compileObject('count.bpf.c', object);
const copies = [...Array(MANY).keys()].map(index => path.join(temp.path, `count-${index}.o`));
for (const copy of copies) await copyFile(object, copy);
const entrants = await prepareEntrants({
  folder: path.join(own, 'peers'),
  trees,
  object,
});

say(`${await machineFacts()}\n`);
say(`kernels: ${trees.map(tree => tree.release).join(', ')}\n\n`);
const measured = new Map<string, Measured>(
  entrants.map(({ name }) => [name, { one: [], all: [], unmet: [], many: [], failures: [] }]),
);
for (let round = 0; round < rounds; round++) {
  for (const job of JOBS) for (const entrant of entrants) await takeTurn(entrant, job);
}
const titles = {
  one: 'one object, one kernel',
  all: `one object, ${trees.length} kernels`,
  unmet: `one object that is new, ${trees.length} kernels`,
  many: `${MANY} objects, one kernel`,
};
say(comparisonTables(titles, entrants, measured));
say(`\n${await machineFacts()}\n`);

async function prepareEntrants(setting: Setting): Promise<Entrant[]> {
  const wanted = values.only?.split(',');
  const peers = [plainQemu, virtmeNg, vmtest, vimto];
  const unknown = wanted?.find(name => !peers.some(peer => peer.name === name));
  if (unknown !== undefined) {
    throw new Error(`no tool ${unknown}: ${peers.map(({ name }) => name).join(', ')}`);
  }
  const chosen = peers.filter(({ name }) => wanted === undefined || wanted.includes(name));
  const ours = [ourEntrant('crossbpf', []), ourEntrant('crossbpf --fresh', ['--fresh'])];
  const others: Entrant[] = [];
  for (const peer of chosen) others.push(await prepareEntrant(peer, setting));
  return [...ours, ...others];
}

function ourEntrant(name: string, flags: readonly string[]): Entrant {
  const run = (some: readonly KernelTree[], objects: readonly string[]) =>
    runCrossbpf({ bin, trees: some, objects, flags, folder: temp.path });
  const [command, first] = [['crossbpf run count.o -t …', ...flags].join(' '), trees.slice(0, 1)];
  return {
    ...{ name, command },
    jobs: {
      one: () => run(first, [object]),
      all: () => run(trees, [object]),
      // A guest that is booted keeps nothing of an object.
      ...(flags.length > 0 ? {} : { unmet: async () => run(trees, [await newObject()]) }),
      many: () => run(first, copies),
    },
  };
}

/** One that nothing is known of. To the other tools, which keep nothing of an object, each one is new. */
async function newObject(): Promise<string> {
  const copy = path.join(temp.path, 'new.o');
  await copyFile(object, copy);
  await appendFile(copy, randomBytes(16));
  return copy;
}

async function prepareEntrant(peer: Peer, setting: Setting): Promise<Entrant> {
  const { name } = peer;
  const prepared = await peer.prepare(setting).catch(cannotUse);
  if (prepared.kind === 'unusable') return { name, remark: prepared.reason };
  const { version, command, remark, load } = prepared;
  const [first] = prepared.trees ?? trees;
  return {
    ...{ name: `${name} ${version}`.trim(), command, remark },
    jobs: {
      one: () => loadAll(first === undefined ? [] : [first]),
      many: () => loadAll(first === undefined ? [] : Array(MANY).fill(first)),
      // Only where it can use the same kernels.
      ...(prepared.trees ? {} : { all: () => loadAll(trees) }),
    },
  };

  async function loadAll(some: readonly KernelTree[]): Promise<void> {
    await pMap(some, load, { concurrency: jobs });
  }
}

function cannotUse(thrown: unknown): PreparedPeer {
  const [reason = ''] = String(thrown).split('\n');
  return { kind: 'unusable', reason: `cannot be used here: ${reason}` };
}

/**
 * Does a job until it is warm, and then once more or as often as there is time for, which counts. What comes before makes
 * snapshots, fills caches, and brings back into memory what was put out of it during the others' turns. Turns are short, one
 * job each: what this machine does in a second changes by a third within minutes.
 */
async function takeTurn({ name, jobs = {} }: Entrant, job: Job): Promise<void> {
  const run = jobs[job];
  if (run === undefined) return;
  const samples = measured.get(name);
  try {
    await repeat(WARM_UP_MS, run);
    await repeat(COUNTED_MS, async () => {
      const sample = await measure(run);
      samples?.[job].push(sample);
      const [wall, cpu] = [sample.wall.toFixed(2), sample.cpu.toFixed(2)];
      process.stderr.write(`bench: ${name}, ${job}: ${wall} s, cpu ${cpu} s\n`);
    });
  } catch (thrown) {
    // A guest that crashed is a fact about its tool; the turn has no time.
    process.stderr.write(`bench: ${name}, ${job}, failed: ${thrown}\n`);
    samples?.failures.push(String(thrown).split('\n')[0] ?? '');
  }
}

/** Does something until it has taken so many milliseconds, at least once. */
async function repeat(ms: number, task: () => Promise<void>): Promise<void> {
  const end = performance.now() + ms;
  do await task();
  while (performance.now() < end);
}

/** Seconds by the clock, and of one core in all that was started. */
async function measure(run: () => Promise<void>): Promise<{ wall: number; cpu: number }> {
  const [startedAt, before] = [performance.now(), descendantsSeconds()];
  await run();
  const wall = (performance.now() - startedAt) / 1000;
  return { wall, cpu: descendantsSeconds() - before };
}

function say(text: string): void {
  process.stdout.write(text);
}
