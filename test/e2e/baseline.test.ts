import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openSandbox, type Sandbox, smallFixture } from '../support/command-line.ts';
import { copyWarmCache, SERIES } from '../support/kernel-cache.ts';

const TARGET = `linux@${SERIES}`;
/** Services that run tests set it, and nothing would be written. */
const NO_CI = { CI: '' };

/** A program that costs a few instructions for each of so many rounds. */
function looping(rounds: number): string {
  return `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
volatile int total;
SEC("xdp") int count(struct xdp_md *ctx) {
  for (int i = 0; i < ${rounds}; i++) {
    asm volatile("" ::: "memory");
    total++;
  }
  return XDP_PASS;
}
char _license[] SEC("license") = "GPL";
`;
}

const baselineOf = (sandbox: Sandbox) =>
  readFile(path.join(sandbox.folder, 'crossbpf.baseline.json'), 'utf8');

test('a baseline is written, holds, and fails on what is worse', async () => {
  await using sandbox = await openSandbox();
  await copyWarmCache(sandbox.cacheRoot);
  const run = (...args: readonly string[]) =>
    sandbox.run(['run', '.', '-t', TARGET, ...args], NO_CI);
  await sandbox.write('count.bpf.c', looping(100));
  await sandbox.write('pass.bpf.c', smallFixture('pass'));

  const written = await run('--update');
  expect(written.exitCode).toBe(0);
  expect(written.stderr).toMatch(/^wrote crossbpf\.baseline\.json: 2 new$/m);
  const text = await baselineOf(sandbox);
  expect(text).toMatch(/"linux@6\.1": \{ "verdict": "accept", "insns": \d+ \}/);

  const same = await run('--update');
  expect(same.stderr).toMatch(/^crossbpf\.baseline\.json is up to date$/m);
  const held = await run();
  expect(held).toMatchObject({ exitCode: 0 });
  expect(held.stdout).not.toMatch(/[✗→↓]/);

  await sandbox.write('count.bpf.c', looping(200));
  const worse = await run();
  expect(worse.exitCode).toBe(1);
  expect(worse.stdout).toMatch(
    /^✗ count: \d+ instructions on 6\.1, \d+ in the baseline \(\+\d+\.\d %, allowed is \+5%\)$/m,
  );
  expect(await baselineOf(sandbox)).toBe(text);

  await sandbox.write('count.bpf.c', looping(50));
  const better = await run();
  expect(better.exitCode).toBe(0);
  expect(better.stdout).toMatch(/^↓ count: .* \(−\d+\.\d %\)$/m);

  await sandbox.write('new.bpf.c', smallFixture('added'));
  const more = await run();
  expect(more.exitCode).toBe(0);
  expect(more.stdout).toMatch(/^→ 1 answer is not in crossbpf\.baseline\.json yet/m);
  expect(await sandbox.leftovers()).toEqual([]);
});

test('--bail ends after the first fixture that is not as expected', async () => {
  await using sandbox = await openSandbox();
  await copyWarmCache(sandbox.cacheRoot);
  const wrong = `// crossbpf: expect count reject linux\n${looping(10)}`;
  for (const name of ['a', 'b', 'c', 'd']) await sandbox.write(`${name}.bpf.c`, wrong);
  const all = await sandbox.run(['run', '.', '-t', TARGET, '-j', '1'], NO_CI);
  expect(all.exitCode).toBe(1);
  expect(all.stdout).toContain('4 programs on 1 target');
  const bailed = await sandbox.run(['run', '.', '-t', TARGET, '-j', '1', '--bail'], NO_CI);
  expect(bailed.exitCode).toBe(1);
  expect(bailed.stdout).toContain('1 program on 1 target');
  expect(bailed.stderr).toMatch(/^--bail: 3 fixtures were not run$/m);
});
