import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// unit: pure. rig: real processes, or scripted stand-ins for QEMU and the agent. e2e: real kernels.
// All of them take turns on the same workers, so that one file's waiting is another's work; there is one more of those
// than processors, as some file nearly always waits. The limits of time end what hangs, also on a machine that is busy
// with much else.
export default defineConfig({
  test: {
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.rig.test.ts', 'test/e2e/**'],
          // Pure tests can share one world: importing it anew for each file takes two thirds of the time.
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'rig',
          include: ['test/**/*.rig.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 60_000 } },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/shared-folder.ts'],
          testTimeout: 600_000,
          hookTimeout: 900_000,
          expect: { poll: { timeout: 60_000 } },
        },
      },
    ],
  },
});
