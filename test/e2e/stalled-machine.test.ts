import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { ownGuests } from '../support/processes.ts';
import { SharedGuests } from '../support/shared-guests.ts';
import { compileProgram, perform, runStep } from '../support/stage.ts';

const SERIES = ['5.10', '7.3'] as const;
/** From 20 s on, a kernel takes a processor for stuck unless it is told otherwise. */
const STALL_MS = 25_000;
const guests = new SharedGuests(SERIES);

afterAll(() => guests[Symbol.asyncDispose]());

/** Stops all guests of this process for a while, as a machine does that sleeps. */
async function stall(): Promise<void> {
  const pids = ownGuests();
  expect(pids).toHaveLength(SERIES.length);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  await sleep(STALL_MS);
  for (const pid of pids) process.kill(pid, 'SIGCONT');
}

test('a machine that stood still while a program ran is no fault of the kernel’s', async () => {
  const object = await compileProgram(path.join(import.meta.dirname, 'play', 'runs.bpf.c'));
  const connections = await Promise.all(SERIES.map(series => guests.of(series)));
  const data = '00'.repeat(20);
  const ran = connections.map(connection =>
    perform(connection, {
      ...{ object, programs: ['marks'], stepTimeoutMs: 120_000 },
      steps: [runStep('marks', { data, repeat: 80_000_000 })],
    }),
  );
  await sleep(1000);
  await stall();
  for (const { steps, kernelLog } of await Promise.all(ran)) {
    expect(steps).toMatchObject([{ ok: true }]);
    expect(kernelLog).toEqual([]);
  }
});
