import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EMPTY_BASELINE } from '../../harness/baseline/baseline-schema.ts';
import { formatBaseline } from '../../harness/baseline/format-baseline.ts';
import { takeBaseline } from '../../harness/baseline/take-baseline.ts';
import { answered, blobText, reportOf } from '../support/blob-builder.ts';
import { openSandbox, PACKAGE_ROOT } from '../support/command-line.ts';
import { accepted, fixture, ran } from '../support/fixture-builder.ts';

const sandbox = await openSandbox();
afterAll(() => sandbox[Symbol.asyncDispose]());

const fixtures = [fixture('a', ['pass'])];
/** Two machines, on which the program costs so much. */
const machines = (insns: number) =>
  ['linux@6.1', 'linux@6.12'].map(id =>
    answered(id, `${id.slice('linux@'.length)}.9`, { a: ran({ pass: accepted(insns) }) }),
  );

beforeAll(async () => {
  const { version } = JSON.parse(await readFile(path.join(PACKAGE_ROOT, 'package.json'), 'utf8'));
  for (const [at, target] of machines(120).entries()) {
    const blob = JSON.parse(blobText({ fixtures, targets: [target] }));
    blob.report.tool.version = version;
    await sandbox.write(`blobs/${at}.json`, JSON.stringify(blob));
  }
  const cheaper = reportOf({ fixtures, targets: machines(100) });
  const baseline = formatBaseline(takeBaseline(cheaper, { before: EMPTY_BASELINE, isWhole: true }));
  await sandbox.write('earlier.json', baseline);
  await sandbox.write('project/crossbpf.baseline.json', baseline);
  await sandbox.write('project/crossbpf.config.mjs', 'export default {};');
  await sandbox.write('project/loose.mjs', "export default { baseline: { insns: '+30%' } };");
});

const REGRESSION =
  '✗ a: 120 instructions everywhere, 100 in the baseline (+20.0 %, allowed is +5%)';

test('without a baseline nothing is compared with one', async () => {
  const { stdout, exitCode } = await sandbox.run(['merge', 'blobs']);
  expect(exitCode).toBe(0);
  expect(stdout).not.toContain('baseline');
});

test.for([
  { args: ['--baseline', 'earlier.json'] },
  { args: ['--config', 'project/crossbpf.config.mjs'] },
])('what got worse since the baseline fails: $args', async ({ args }) => {
  const { stdout, stderr, exitCode } = await sandbox.run(['merge', 'blobs', ...args]);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 1 });
  expect(stdout).toContain(REGRESSION);
});

test('the gates are those of the configuration', async () => {
  const config = ['--config', 'project/loose.mjs'];
  const { stdout, exitCode } = await sandbox.run(['merge', 'blobs', ...config]);
  expect({ exitCode, isTold: stdout.includes(REGRESSION) }).toEqual({ exitCode: 0, isTold: false });
});

test('a baseline that is not there', async () => {
  const { stderr, exitCode } = await sandbox.run(['merge', 'blobs', '--baseline', 'nowhere.json']);
  expect({ stderr, exitCode }).toEqual({
    stderr:
      'error: nowhere.json: no such baseline. Write it: crossbpf run --update --baseline nowhere.json.\n',
    exitCode: 2,
  });
});
