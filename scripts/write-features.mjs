/**
 * Writes harness/portability/linux-features.json: what one build of every series has of BPF, found out by trying.
 * Without arguments the builds that the file names are probed again, which gives the same bytes; `--newest` takes the
 * newest build of each series instead.
 *
 *     npm run write:features [-- --newest]
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { compareKernelVersions, seriesOf } from '../harness/kernels/kernel-version.ts';
import { buildLinuxTable } from '../harness/portability/build-linux-table.ts';
import { formatLinuxTable } from '../harness/portability/format-linux-table.ts';
import { cacheRoot } from '../harness/storage/cache-root.ts';
import { createTargets } from '../harness/targets/create-targets.ts';

const SERIES = ['5.10', '6.1', '6.12', '6.16', '6.17', '6.18', '6.19', '7.0', '7.1', '7.2', '7.3'];

const packageRoot = path.resolve(import.meta.dirname, '..');
const file = path.join(packageRoot, 'harness/portability/linux-features.json');
const { signal } = new AbortController();
const names = process.argv.includes('--newest') ? SERIES : await pinned();
const planned = await createTargets(
  names.map(name => `linux@${name}`),
  {
    ...{ folder: packageRoot, packageRoot, cacheRoot: cacheRoot(process.env), signal },
    ...{ environment: process.env, memoryMiB: 512, accel: 'auto', fresh: false, remotes: {} },
    ...{ onSnapshot() {}, onProgress() {} },
  },
);
const probed = [];
for (const each of planned) {
  if (each.kind === 'failed') throw each.error;
  await using connection = await each.target.open(signal);
  const { release, arch } = connection.facts;
  const wanted = { helpers: true, kfuncs: true, hooks: true, contexts: true };
  const features = await connection.features(wanted);
  const upstream = each.target.upstream ?? release;
  probed.push({ build: { series: seriesOf(upstream), release, upstream, arch }, features });
  process.stderr.write(`${release}: ${features.unknown.length} unclear\n`);
}
probed.sort((a, b) => compareKernelVersions(a.build.upstream, b.build.upstream));
await writeFile(file, formatLinuxTable(buildLinuxTable(probed)));

/** The builds that the file has now. */
async function pinned() {
  return JSON.parse(await readFile(file, 'utf8')).builds.map(({ release }) => release);
}
