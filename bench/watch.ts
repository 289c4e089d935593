/**
 * How long `--watch` takes from the moment a source is saved until the new matrix is there.
 *
 *     node bench/watch.ts [--rounds 10] [--series 6.1,5.10,…]
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { openTempFolder } from '../harness/storage/temp-folder.ts';
import { installPackage } from './installed-package.ts';
import { machineFacts } from './machine-facts.ts';
import { SERIES } from './series.ts';
import { spread } from './statistics.ts';

/** What the command says when a matrix is there. */
const IDLE = 'waiting for a change';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    series: { type: 'string', default: SERIES.join(',') },
  },
});
const source = await readFile(path.join(import.meta.dirname, 'count.bpf.c'), 'utf8');
await using temp = await openTempFolder('crossbpf-bench');
const bin = await installPackage(path.join(temp.path, 'package'));
const file = path.join(temp.path, 'count.bpf.c');
await writeFile(file, source);

const targets = values.series.split(',').flatMap(name => ['-t', `linux@${name}`]);
const watching = execa(process.execPath, [bin, 'run', file, ...targets, '--watch'], {
  ...{ cwd: temp.path, stdin: 'ignore', reject: false, buffer: false },
});
const idle = countIdle();
await idle.next();
process.stdout.write(`${await machineFacts()}\n`);

const samples: number[] = [];
for (let round = 1; round <= Number(values.rounds); round++) {
  // Another program each time: one that compiles to the same object is not run again.
  const changed = source.replace('packet_count, 1', `packet_count, ${1000 + round}`);
  const startedAt = performance.now();
  await writeFile(file, changed);
  await idle.next();
  samples.push((performance.now() - startedAt) / 1000);
}
watching.kill('SIGINT');
await watching;

const { minimum, median, maximum } = spread(samples);
process.stdout.write(
  `saved to matrix of ${targets.length / 2} kernels: median ${median.toFixed(2)} s (${minimum.toFixed(2)} … ${maximum.toFixed(2)}, ${samples.length} saves)\n`,
);

/** Yields each time that the command waits for a change. */
async function* countIdle(): AsyncGenerator<void, void> {
  let rest = '';
  for await (const piece of watching.stderr) {
    rest += String(piece);
    for (let at = rest.indexOf(IDLE); at !== -1; at = rest.indexOf(IDLE)) {
      rest = rest.slice(at + IDLE.length);
      yield;
    }
  }
  throw new Error('the command ended');
}
