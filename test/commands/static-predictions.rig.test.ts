import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openSandbox, smallFixture } from '../support/command-line.ts';
import { compileProgram } from '../support/stage.ts';

test('a Windows machine that is not reached shows what is predicted, and no verdict', async () => {
  await using sandbox = await openSandbox();
  await sandbox.write(
    'crossbpf.config.mjs',
    `export default { remotes: { 'windows@1.5': 'windows-ssh:nobody@127.0.0.1:1' } };`,
  );
  await sandbox.write('pass.bpf.c', smallFixture());
  await sandbox.write(
    'traced.bpf.c',
    smallFixture('traced').replace('SEC("xdp")', 'SEC("fentry/tcp_connect")'),
  );
  await sandbox.write(
    'here.bpf.c',
    `// crossbpf: linux-only it is about Linux\n${smallFixture('here')}`,
  );
  await sandbox.write('built.bpf.c', smallFixture('built'));
  const object = await compileProgram(path.join(sandbox.folder, 'built.bpf.c'));
  await writeFile(path.join(sandbox.folder, 'built.o'), object);
  const fixtures = ['pass.bpf.c', 'traced.bpf.c', 'here.bpf.c', 'built.o'];
  const args = ['run', ...fixtures, '-t', 'windows@1.5', '--reporter', 'json'];
  const { stdout, stderr, exitCode } = await sandbox.run(args);
  expect(exitCode).toBe(3);
  expect(stderr).toContain('static, no verdict: 1 of 4 programs should load there');
  expect(stderr).toContain('traced › traced: program type tracing: not on Windows');
  const report = JSON.parse(stdout);
  expect(report.targets).toMatchObject([
    {
      ...{ id: 'windows@1.5', mode: 'static', error: { code: expect.stringMatching(/^INFRA_/) } },
      predictions: [
        {
          ...{ fixture: 'built', program: 'built', outcome: 'stops' },
          stops: ['the object is for Linux, not for eBPF for Windows'],
        },
        { fixture: 'here', program: 'here', outcome: 'stops', stops: ['it is about Linux'] },
        { fixture: 'pass', program: 'pass', outcome: 'loads', stops: [] },
        { fixture: 'traced', outcome: 'stops', stops: ['program type tracing: not on Windows'] },
      ],
    },
  ]);
  expect(report.summary.accepted + report.summary.rejected).toBe(0);
  expect(await sandbox.leftovers()).toEqual([]);
});
