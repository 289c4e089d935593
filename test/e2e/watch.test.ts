import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openSandbox, type Running, smallFixture } from '../support/command-line.ts';
import { copyWarmCache, SERIES } from '../support/kernel-cache.ts';

const WAITING = 'waiting for a change';
const ALL_WELL = '1 program on 1 target: 1 accepted · no difference';

/** What a watching command says until it waits again for the nth time. */
async function untilWaiting(running: Running, nth: number): Promise<string> {
  while (running.said().split(WAITING).length <= nth) await setTimeout(50);
  return running.said().split(WAITING)[nth - 1] ?? '';
}

test('--watch runs again what changes, says what is wrong, and ends with Ctrl-C', async () => {
  await using sandbox = await openSandbox();
  await copyWarmCache(sandbox.cacheRoot);
  await sandbox.write('a.bpf.c', smallFixture('a'));
  await sandbox.write('b.bpf.c', `#include "b.h"\n${smallFixture('b')}`);
  await sandbox.write('include/b.h', '#define VERDICT 1\n');
  const running = sandbox.start(['run', '.', '--watch', '-t', `linux@${SERIES}`]);

  expect(await untilWaiting(running, 1)).toContain('2 programs on 1 target: 2 accepted');

  await sandbox.write('a.bpf.c', smallFixture('a').replace('XDP_PASS', 'XDP_DROP'));
  expect(await untilWaiting(running, 2)).toContain('1 program on 1 target: 1 accepted');

  await sandbox.write('a.bpf.c', 'broken');
  expect(await untilWaiting(running, 3)).toContain('a.bpf.c: it does not compile');

  // As it was before it was broken: the answer is shown again.
  await sandbox.write('a.bpf.c', smallFixture('a').replace('XDP_PASS', 'XDP_DROP'));
  expect(await untilWaiting(running, 4)).toContain('1 program on 1 target: 1 accepted');

  await sandbox.write('a.bpf.c', smallFixture('a').replace('XDP_PASS', '*(int *)(long)ctx->data'));
  expect(await untilWaiting(running, 5)).toContain('1 program on 1 target: 0 accepted, 1 rejected');

  await sandbox.write('include/b.h', 'int unused_global = 1;\n');
  expect(await untilWaiting(running, 6)).toMatch(/\bb\b.*\n+1 program on 1 target: 1 accepted/s);

  await sandbox.write('include/b.h', '#error of the header\n');
  expect(await untilWaiting(running, 7)).toContain('b.bpf.c: it does not compile');
  await sandbox.write('include/b.h', 'int unused_global = 1;\n');
  expect(await untilWaiting(running, 8)).toContain('1 program on 1 target: 1 accepted');

  process.kill(-running.pid, 'SIGINT');
  const { exitCode } = await running.ended;
  expect(exitCode).toBe(130);
  expect(await sandbox.leftovers()).toEqual([]);
});

test('--watch runs again when the scenario changes, or a module that it imports, or when it appears', async () => {
  await using sandbox = await openSandbox();
  await copyWarmCache(sandbox.cacheRoot);
  await sandbox.write('fixtures/a.bpf.c', smallFixture('a'));
  const running = sandbox.start(['run', 'fixtures/a.bpf.c', '--watch', '-t', `linux@${SERIES}`]);
  expect(await untilWaiting(running, 1)).toContain('1 program on 1 target: 1 accepted');

  await sandbox.write('shared/wanted.ts', "export const retval: string = 'XDP_DROP';\n");
  const scenario = `import { retval } from '../shared/wanted.ts';
export default { steps: [{ run: 'a', expect: { retval } }] };
`;
  await sandbox.write('fixtures/a.scenario.ts', scenario);
  expect(await untilWaiting(running, 2)).toMatch(/step run a.*XDP_PASS/);

  await sandbox.write('shared/wanted.ts', "export const retval: string = 'XDP_PASS';\n");
  expect(await untilWaiting(running, 3)).toContain(ALL_WELL);

  await sandbox.write('shared/wanted.ts', 'export const retval: string = ;\n');
  expect(await untilWaiting(running, 4)).toContain('error: shared/wanted.ts:1: ');

  await sandbox.write('shared/wanted.ts', "export const retval: string = 'XDP_TX';\n");
  expect(await untilWaiting(running, 5)).toMatch(/step run a.*XDP_PASS/);

  process.kill(-running.pid, 'SIGINT');
  const { exitCode } = await running.ended;
  expect(exitCode).toBe(130);
  expect(await sandbox.leftovers()).toEqual([]);
});
