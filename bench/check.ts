/**
 * How long `crossbpf check` takes over the suite and Debian's objects, on every series and Windows: all as object files,
 * of which nothing is kept in a cache, and with the suite as sources, whose compiled objects are. The agreement with real
 * verdicts is held by test/e2e/check-agreement.test.ts.
 *
 *     npm run build && node bench/check.ts [--rounds 5]
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { createInspector } from '../harness/agent/inspect-object.ts';
import { configSchema } from '../harness/config/config-schema.ts';
import { findBpfObjects } from '../harness/fixtures/embedded-objects.ts';
import { findFixtures } from '../harness/fixtures/find-fixtures.ts';
import { readFixtures } from '../harness/fixtures/read-fixtures.ts';
import { examineObjects } from '../harness/portability/examine.ts';
import { cacheRoot as findCacheRoot } from '../harness/storage/cache-root.ts';
import { openTempFolder } from '../harness/storage/temp-folder.ts';
import { listPackages, unpackPackage } from '../test/support/debian-package.ts';
import { machineFacts } from './machine-facts.ts';
import { descendantsSeconds } from './processor-time.ts';
import { spread } from './statistics.ts';

const PACKAGES = ['xdp-tools', 'libxdp1', 'libbpf-tools', 'golang-github-cilium-ebpf-dev'];
const packageRoot = path.join(import.meta.dirname, '..');
const cacheRoot = findCacheRoot(process.env);
const bin = path.join(packageRoot, 'bin/crossbpf.js');
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });

await using folder = await openTempFolder('bench-check');
const debian = await gatherDebian();
const suite = await compileSuite();
process.stdout.write(`${await machineFacts()}\n`);
await measure(`${debian.length + suite.length} object files`, [...debian, ...suite]);
await measure(`${debian.length} object files, ${suite.length} sources`, [
  ...debian,
  path.join(packageRoot, 'fixtures'),
]);

async function measure(what: string, files: readonly string[]): Promise<void> {
  const samples: number[] = [];
  const before = descendantsSeconds();
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const start = performance.now();
    await execa(process.execPath, [bin, 'check', ...files]);
    samples.push(performance.now() - start);
  }
  const processor = (descendantsSeconds() - before) / samples.length;
  const { minimum, median, maximum } = spread(samples.map(Math.round));
  process.stdout.write(
    `${what}: ${median} ms (${minimum} to ${maximum}), ${processor.toFixed(2)} s of a core\n`,
  );
}

/** Debian's objects that can be read. */
async function gatherDebian(): Promise<string[]> {
  const written: string[] = [];
  for (const name of PACKAGES) {
    const listed = await listPackages([name], cacheRoot);
    for (const item of listed.filter(each => each.name === name)) {
      const objects = await findBpfObjects(await unpackPackage(item, cacheRoot));
      for (const [index, { bytes }] of objects.entries()) {
        written.push(path.join(folder.path, `${name}-${index}.o`));
        await writeFile(written.at(-1) ?? '', bytes);
      }
      if (objects.length > 0) break;
    }
  }
  const answers = await examineObjects({ objects: written, kernels: [], packageRoot });
  return answers.filter(({ error }) => error === null).map(({ object }) => object);
}

async function compileSuite(): Promise<string[]> {
  const outcomes = await readFixtures(await findFixtures(['fixtures'], packageRoot), {
    ...{ compiler: configSchema.parse({}).compiler, root: packageRoot, cacheRoot },
    ...{ environment: process.env, inspect: createInspector({ packageRoot, cacheRoot }) },
    ...{ packageRoot, scenarios: false },
  });
  return Promise.all(
    outcomes.map(async (outcome, index) => {
      if (outcome.kind === 'failed') throw outcome.error;
      const file = path.join(folder.path, `suite-${index}.o`);
      await writeFile(file, outcome.fixture.object);
      return file;
    }),
  );
}
