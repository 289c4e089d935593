/**
 * What one fresh guest costs in processor time, ours and that of QEMU and its helpers:
 *
 *     node bench/guest-cost.ts [--guests 40] [TARGET…]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { findPackage } from '../harness/commands/find-package.ts';
import { cacheRoot } from '../harness/storage/cache-root.ts';
import type { Target } from '../harness/targets/connection.ts';
import { createTargets } from '../harness/targets/create-targets.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { guests: { type: 'string', default: '40' } },
});
const guests = Number(values.guests);
const names = positionals.length > 0 ? positionals : ['linux@6.1', 'linux@6.12'];
const { signal } = new AbortController();

const planned = await createTargets(names, {
  ...{ folder: process.cwd(), ...findPackage(import.meta.dirname), signal },
  ...{ cacheRoot: cacheRoot(process.env), environment: process.env },
  ...{ memoryMiB: 512, accel: 'auto', fresh: false },
  ...{ onSnapshot: () => {}, onProgress: () => {} },
});

/** Milliseconds of processor time that this process's ended children have used, by /proc/self/stat. */
function childrenMs(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

async function measure(target: Target): Promise<string> {
  for (let round = 0; round < 3; round++) await (await target.open(signal))[Symbol.asyncDispose]();
  const before = { children: childrenMs(), own: process.cpuUsage(), at: performance.now() };
  for (let guest = 0; guest < guests; guest++) {
    await using _connection = await target.open(signal);
  }
  const { user, system } = process.cpuUsage(before.own);
  const own = (user + system) / 1000 / guests;
  const children = (childrenMs() - before.children) / guests;
  const wall = (performance.now() - before.at) / guests;
  const cells = [own, children, wall].map(ms => ms.toFixed(1));
  return `${target.id}: Node ${cells[0]} ms, QEMU ${cells[1]} ms, wall ${cells[2]} ms a guest`;
}

for (const plan of planned) {
  if (plan.kind === 'failed') throw plan.error;
  process.stdout.write(`${await measure(plan.target)}\n`);
}
