import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Report, reportSchema } from '../../harness/report/report-schema.ts';
import { openSandbox, smallFixture } from '../support/command-line.ts';
import { copyWarmCache, SERIES } from '../support/kernel-cache.ts';

const TARGET = `linux@${SERIES}`;
/** `CROSSBPF_FORGERIES` attacks more often. */
const ROUNDS = Number(process.env['CROSSBPF_FORGERIES'] ?? 8);
const sandbox = await openSandbox();
const attack = path.join(sandbox.folder, 'attack');

beforeAll(async () => {
  await copyWarmCache(sandbox.cacheRoot);
  const source = path.join(import.meta.dirname, 'forged-answers/attack.c');
  await execa('cc', ['-static', '-O1', '-Wno-unused-result', source, '-o', attack]);
});
afterAll(() => sandbox[Symbol.asyncDispose]());

/** Runs a fixture that attacks once the agent has written so often, and one in the same guest after it. */
async function runAfterAttack(writes: number, jobs: number): Promise<Report> {
  const scenario = `export default { steps: [
    { trigger: { run: './attack', arguments: ['${writes}'] } },
  ] };`;
  await sandbox.write('a-attack.bpf.c', smallFixture('attacker'));
  await sandbox.write('a-attack.scenario.ts', scenario);
  await sandbox.write('b-victim.bpf.c', smallFixture());
  const args = ['a-attack.bpf.c', 'b-victim.bpf.c', '-t', TARGET, '-j', String(jobs)];
  const { stdout } = await sandbox.run(['run', ...args, '--reporter', 'json']);
  return reportSchema.parse(JSON.parse(stdout));
}

/** What the report says of the victim; the attacker's own guest is its own to break. */
function victimOf({ fixtures }: Report) {
  return fixtures.find(({ id }) => id === 'b-victim')?.results[TARGET];
}

test('a fixture that writes answers to the agent’s port changes no other answer, then or later', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const report = await runAfterAttack([2, 2, 1, 3][round % 4] ?? 2, (round % 2) + 1);
    const victim = victimOf(report);
    expect(victim, `round ${round}`).toMatchObject({
      status: 'ran',
      kernelLog: [],
      programs: { pass: { verdict: 'accept', reason: null } },
    });
  }
  const args = ['b-victim.bpf.c', '-t', TARGET, '--reporter', 'json'];
  const { stdout } = await sandbox.run(['run', ...args]);
  expect(victimOf(reportSchema.parse(JSON.parse(stdout)))).toMatchObject({
    status: 'ran',
    programs: { pass: { verdict: 'accept' } },
  });
});
