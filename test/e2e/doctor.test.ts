import { beforeAll, expect, test } from 'vitest';
import { openSandbox } from '../support/command-line.ts';
import { copyKernel, fetchKernel } from '../support/kernel-cache.ts';

beforeAll(fetchKernel);

test('doctor saves, restores and rewinds a guest of a kernel in the cache', async () => {
  await using sandbox = await openSandbox();
  await copyKernel(sandbox.cacheRoot);
  const { stdout, exitCode } = await sandbox.run(['doctor']);
  expect(stdout).toMatch(
    /^✓ guests {8}booted and saved in \d+\.\d s, restored in \d+\.\d s, rewound$/m,
  );
  expect(exitCode).toBe(0);
});
