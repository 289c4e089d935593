import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { POINTER_SOURCE, withHeaders, withPointers } from '../support/breaking-objects.ts';
import { openSandbox, smallFixture } from '../support/command-line.ts';
import { compileProgram } from '../support/stage.ts';

const sandbox = await openSandbox();
afterAll(() => sandbox[Symbol.asyncDispose]());

/** 40 × 120 MiB of zeroes, which take no room in the file. */
const ZEROES = Array.from(
  { length: 40 },
  (_, at) => `char zeroes${at}[120 << 20] __attribute__((section(".bss.z${at}")));`,
).join('\n');

/** Longer than any of them may take, on a machine that is busy. */
const LIMIT_MS = 60_000;

beforeAll(async () => {
  await sandbox.write('good.bpf.c', smallFixture('good'));
  const pointers = await compileProgram(await sandbox.write('pointers.c', POINTER_SOURCE));
  await sandbox.write('self.o', withPointers(pointers, 1));
  await sandbox.write('circle.o', withPointers(pointers, 100_000));
  await sandbox.write('headers', withHeaders(300_000));
  const zeroes = await sandbox.write('zeroes.c', `${smallFixture('zero')}${ZEROES}\n`);
  await sandbox.write('zeroes.o', await compileProgram(zeroes));
});

async function timed(args: readonly string[]) {
  const start = performance.now();
  const ended = await sandbox.run(args);
  expect(ended.stdout + ended.stderr).not.toMatch(/goroutine|runtime[.:]|this is a bug|^\s+at /m);
  expect(performance.now() - start).toBeLessThan(LIMIT_MS);
  return ended;
}

test.each([
  ['zeroes.o', /zeroes\.o: .*its sections have more than 268435456 bytes of zeroes/],
  ['headers', /headers: a program, which holds no BPF object within itself/],
])('check: %s is an answer of its own, and the others are checked', async (name, message) => {
  const { stdout, stderr, exitCode } = await timed(['check', name, 'good.bpf.c']);
  expect(stderr).toMatch(message);
  expect(stdout).toMatch(/✓ good /);
  expect(exitCode).toBe(2);
});

test.each(['self.o', 'circle.o'])(
  'check: the types of %s refer to themselves, which ends nothing',
  async name => {
    const { stdout } = await timed(['check', name, 'good.bpf.c']);
    expect(stdout).toMatch(/✓ good /);
  },
);

test('run: each of them is an answer of its own', async () => {
  const { stderr, exitCode } = await timed(['run', 'zeroes.o', 'headers']);
  expect(stderr).toMatch(/^error: zeroes\.o: .*bytes of zeroes/m);
  expect(exitCode).toBe(2);
});
