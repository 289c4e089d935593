/**
 * How long `crossbpf check` takes over the suite and Debian's objects, on every series and Windows. The agreement with
 * real verdicts is held by test/e2e/check-agreement.test.ts.
 *
 *     npm run build && node bench/check.ts [--rounds 5]
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { findBpfObjects } from '../harness/fixtures/embedded-objects.ts';
import { examineObjects } from '../harness/portability/examine.ts';
import { cacheRoot } from '../harness/storage/cache-root.ts';
import { openTempFolder } from '../harness/storage/temp-folder.ts';
import { listPackages, unpackPackage } from '../test/support/debian-package.ts';
import { machineFacts } from './machine-facts.ts';
import { spread } from './statistics.ts';

const PACKAGES = ['xdp-tools', 'libxdp1', 'libbpf-tools', 'golang-github-cilium-ebpf-dev'];
const bin = path.join(import.meta.dirname, '../bin/crossbpf.js');
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });

await using folder = await openTempFolder('bench-check');
const files = await gather();
const samples: number[] = [];
for (let round = 0; round < Number(values.rounds); round += 1) {
  const start = performance.now();
  await execa(process.execPath, [bin, 'check', ...files]);
  samples.push(performance.now() - start);
}
process.stdout.write(`${await machineFacts()}\n`);
const { minimum, median, maximum } = spread(samples.map(Math.round));
process.stdout.write(`check: ${median} ms (${minimum} to ${maximum})\n`);

/** Debian's objects that can be read, and the suite. */
async function gather(): Promise<string[]> {
  const cache = cacheRoot(process.env);
  const written: string[] = [];
  for (const name of PACKAGES) {
    for (const item of (await listPackages([name], cache)).filter(each => each.name === name)) {
      const objects = await findBpfObjects(await unpackPackage(item, cache));
      for (const [index, { bytes }] of objects.entries()) {
        written.push(path.join(folder.path, `${name}-${index}.o`));
        await writeFile(written.at(-1) ?? '', bytes);
      }
      if (objects.length > 0) break;
    }
  }
  const packageRoot = path.join(import.meta.dirname, '..');
  const answers = await examineObjects({ objects: written, kernels: [], packageRoot });
  const readable = answers.filter(({ error }) => error === null).map(({ object }) => object);
  return [...readable, path.join(packageRoot, 'fixtures')];
}
