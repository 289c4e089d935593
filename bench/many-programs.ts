/**
 * What a further program costs: many objects on all kernels, a fresh guest for each, against one
 * object on the same kernels. Times are of one core, since others may use the machine.
 *
 *     node bench/many-programs.ts [--programs 200] [--series 6.1,5.10,…]
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import pMap from 'p-map';
import { z } from 'zod';
import { openTempFolder } from '../harness/storage/temp-folder.ts';
import { compileObject } from './bench-object.ts';
import { installPackage } from './installed-package.ts';
import { loadNow, machineFacts } from './machine-facts.ts';
import { descendantsSeconds } from './processor-time.ts';
import { SERIES } from './series.ts';

const document = z.object({
  fixtures: z.array(
    z.object({
      results: z.record(
        z.string(),
        z.object({
          status: z.literal('ran'),
          programs: z.record(z.string(), z.object({ verdict: z.string(), loadMs: z.number() })),
        }),
      ),
    }),
  ),
});

const { values } = parseArgs({
  options: {
    programs: { type: 'string', default: '200' },
    series: { type: 'string', default: SERIES.join(',') },
  },
});
const series = values.series.split(',');
const count = Number(values.programs);
await using temp = await openTempFolder('crossbpf-bench');
const bin = await installPackage(path.join(temp.path, 'package'));
const objects = await pMap([...Array(count).keys()], compileVariant, { concurrency: 2 });

process.stdout.write(`${await machineFacts()}\n`);
await measure(objects.slice(0, 1));
const one = await measure(objects.slice(0, 1));
const many = await measure(objects);
const further = many.answers - one.answers;
const cost = (many.cpu - one.cpu - (many.verifying - one.verifying)) / further;
const wall = (many.wall - one.wall) / further;
process.stdout.write(
  `${further} further programs and kernels: ${cost.toFixed(3)} s of one core each besides verification, ${wall.toFixed(3)} s of wall clock\n`,
);

async function compileVariant(variant: number): Promise<string> {
  const object = path.join(temp.path, `variant-${variant}.o`);
  await compileObject('variant.bpf.c', object, [`-DVARIANT=${variant}`]);
  return object;
}

/** Seconds; `verifying` is what the guests' kernels said of BPF_PROG_LOAD. */
async function measure(some: readonly string[]) {
  const targets = series.flatMap(name => ['-t', `linux@${name}`]);
  const [startedAt, before] = [performance.now(), descendantsSeconds()];
  const args = [bin, 'run', ...some, ...targets, '--reporter', 'json'];
  const { stdout } = await execa(process.execPath, args, { cwd: temp.path, maxBuffer: 2 ** 30 });
  const wall = (performance.now() - startedAt) / 1000;
  const cpu = descendantsSeconds() - before;
  const loads = document
    .parse(JSON.parse(stdout))
    .fixtures.flatMap(({ results }) => Object.values(results))
    .flatMap(({ programs }) => Object.values(programs));
  const rejected = loads.filter(({ verdict }) => verdict !== 'accept').length;
  if (rejected > 0 || loads.length !== some.length * series.length) {
    throw new Error(`${loads.length} answers, ${rejected} of them not accepted`);
  }
  const verifying = loads.reduce((sum, { loadMs }) => sum + loadMs / 1000, 0);
  process.stdout.write(
    `${some.length} × ${series.length}: ${wall.toFixed(2)} s, ${cpu.toFixed(2)} s of one core, of it ${verifying.toFixed(2)} s in BPF_PROG_LOAD (load ${loadNow()})\n`,
  );
  return { wall, cpu, verifying, answers: loads.length };
}
