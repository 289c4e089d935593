import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSandbox } from '../support/command-line.ts';

const sandbox = await openSandbox();
afterAll(() => sandbox[Symbol.asyncDispose]());

beforeAll(async () => {
  await sandbox.write('conflict.json', '{\n<<<<<<< ours\n  "schema": "crossbpf/baseline@1"\n');
  await sandbox.write('other.json', '{ "schema": "crossbpf/report@1" }');
  await sandbox.write('cut.json', '{ "schema": ');
});

const MEND = 'Mend it, or remove it and write it anew: crossbpf run --update.';

describe.concurrent('a baseline that cannot be used: before anything is run', () => {
  test.for<[string[], Record<string, string>, string | RegExp]>([
    [
      ['--update'],
      { CI: 'true' },
      'a baseline is not written on CI (the environment variable CI is set). Run crossbpf run --update on your machine, look at the difference, and commit the file.',
    ],
    [
      ['--baseline', 'nowhere.json'],
      {},
      'nowhere.json: no such baseline. Write it: crossbpf run --update --baseline nowhere.json.',
    ],
    [['--baseline', 'conflict.json'], {}, `conflict.json: it has a merge conflict. ${MEND}`],
    [['--baseline', 'cut.json'], {}, /^cut\.json: Unexpected end of JSON input\b.*\. Mend it/],
    [
      ['--baseline', 'other.json', '--update'],
      { CI: 'false' },
      /^other\.json: .*"crossbpf\/baseline@1".* Mend it/,
    ],
  ])('%j', async ([args, variables, line]) => {
    const { stdout, stderr, exitCode } = await sandbox.run(['run', ...args], variables);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
    expect(stderr.split('\n')).toEqual([expect.stringMatching(/^error: /), '']);
    const said = stderr.slice('error: '.length, -1);
    if (typeof line === 'string') expect(said).toBe(line);
    else expect(said).toMatch(line);
  });
});
