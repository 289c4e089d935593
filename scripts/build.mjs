// `npm run build`: bundles the command line into dist/harness, which starts in a third of the time. bin/crossbpf.js
// uses the bundle while it is newer than every source. The library and its matchers are bundled too: Node reads no
// TypeScript inside node_modules.
import { rolldown } from 'rolldown';
import { fs, path } from 'zx';
import { root } from './set-up.mjs';

const folder = path.join(root, 'dist/harness');
const bundle = await rolldown({
  // The library is what a scenario gets by `import 'crossbpf'` (scenarios/fresh-modules.ts).
  input: {
    main: path.join(root, 'harness/main.ts'),
    index: path.join(root, 'harness/index.ts'),
    // A thread that is started by its file's name (scenarios/scenario-importer.ts).
    'scenario-worker': path.join(root, 'harness/scenarios/scenario-worker.ts'),
    vitest: path.join(root, 'harness/vitest/index.ts'),
  },
  external: ['vitest'],
  platform: 'node',
  logLevel: 'warn',
});
await fs.emptyDir(folder);
await bundle.write({
  dir: folder,
  format: 'esm',
  minify: false,
  chunkFileNames: '[name]-[hash].js',
});
await bundle.close();
