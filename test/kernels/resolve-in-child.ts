// Resolves series into a cache, to be killed meanwhile: resolve-in-child.ts CACHE SERIES…
import { resolveKernels } from '../../harness/kernels/resolve-kernels.ts';

const [cacheRoot = '', ...series] = process.argv.slice(2);
const references = series.map(name => ({ kind: 'series', series: name }) as const);
const results = await resolveKernels(references, {
  ...{ arch: 'amd64', modules: ['veth'], cacheRoot, environment: process.env },
});
process.exitCode = results.every(({ status }) => status === 'found') ? 0 : 1;
