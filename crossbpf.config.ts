import { defineConfig } from './harness/index.ts';

// This repository's own suite: every fixture on one build of each line of kernels that people run.
export default defineConfig({
  targets: ['linux@5.10', 'linux@6.1', 'linux@6.12', 'linux@6.18', 'linux@7'],
  fixtures: ['fixtures'],
});
