import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { openSandbox, type Sandbox, smallFixture } from '../support/command-line.ts';
import { copyKernel, copyWarmCache, fetchKernel, SERIES } from '../support/kernel-cache.ts';

const TARGET = `linux@${SERIES}`;
const ARGS = ['run', '-t', TARGET, '-t', `${TARGET}+nojit`, 'a.bpf.c', 'b.bpf.c'];

beforeAll(fetchKernel);

type Life = 'cold' | 'warm';

async function preparedSandbox(life: Life): Promise<Sandbox> {
  const sandbox = await openSandbox();
  await { cold: copyKernel, warm: copyWarmCache }[life](sandbox.cacheRoot);
  for (const name of ['a', 'b']) await sandbox.write(`${name}.bpf.c`, smallFixture(name));
  return sandbox;
}

/** How a run is ended: to whom a signal goes, as whom. `kill.test.ts` has SIGKILL. */
interface Blow {
  readonly name: string;
  readonly signal: 'SIGINT' | 'SIGTERM';
  /** The whole process group, as a terminal does. */
  readonly group: boolean;
  readonly twice?: boolean;
}

const BLOWS: readonly Blow[] = [
  { name: 'Ctrl-C', signal: 'SIGINT', group: true },
  { name: 'SIGINT to the process alone', signal: 'SIGINT', group: false },
  { name: 'Ctrl-C that npm passes on', signal: 'SIGINT', group: true, twice: true },
  { name: 'SIGTERM', signal: 'SIGTERM', group: false },
];

/** Starts a run, and strikes after a time; a run that was faster is no failure. */
async function strike(sandbox: Sandbox, { signal, group, twice }: Blow, ms: number) {
  const running = sandbox.start(ARGS);
  await Promise.race([setTimeout(ms), running.ended]);
  for (let count = twice === true ? 2 : 1; count > 0; count--) {
    try {
      process.kill(group ? -running.pid : running.pid, signal);
    } catch {
      // It has ended already.
    }
    // Two at once can become one on the way.
    if (count > 1) await setTimeout(20);
  }
  return running.ended;
}

async function expectRight(sandbox: Sandbox): Promise<void> {
  const { stdout, stderr, exitCode } = await sandbox.run(ARGS);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toContain('4 accepted');
}

/** Node that is starting up has not heard of our handlers yet: then the signal itself ends it. */
function hasEndedWell(blow: Blow, ended: Awaited<ReturnType<typeof strike>>): boolean {
  return ended.exitCode === 130 || ended.exitCode === 0 || ended.signal === blow.signal;
}

/** How often each kind strikes in a run's life; more by hand: they only take time. */
const MOMENTS = Number(process.env['CROSSBPF_TEST_BLOWS'] ?? 4);

describe.each(BLOWS)('$name', blow => {
  const lives = [
    { life: 'cold', first: 20, last: 5500 },
    { life: 'warm', first: 100, last: 900 },
  ] as const;
  test.for(lives)('at any moment of a $life run', async ({ life, first, last }) => {
    await using sandbox = await preparedSandbox(life);
    if (life === 'warm') await sandbox.run(ARGS);
    for (let moment = 0; moment < MOMENTS; moment++) {
      const ms = first + ((last - first) * moment) / (MOMENTS - 1);
      const ended = await strike(sandbox, blow, ms);
      const left = await sandbox.leftovers();
      expect({ ms, ...ended }).toSatisfy(() => hasEndedWell(blow, ended));
      expect(ended.stderr).not.toMatch(/bug|error|Warning|\n\s+at /);
      expect({ ms, left }).toEqual({ ms, left: [] });
    }
    await expectRight(sandbox);
  });
});
