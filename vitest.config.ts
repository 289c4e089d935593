import { defineConfig } from 'vitest/config';

// unit: pure. rig: real processes, or scripted stand-ins for QEMU and the agent. e2e: real kernels.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.rig.test.ts', 'test/e2e/**'],
        },
      },
      {
        test: { name: 'rig', include: ['test/**/*.rig.test.ts'], testTimeout: 30_000 },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // Two cores: a file boots several kernels by itself.
          fileParallelism: false,
        },
      },
    ],
  },
});
