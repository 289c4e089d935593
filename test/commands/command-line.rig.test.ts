import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openSandbox, PACKAGE_ROOT, smallFixture } from '../support/command-line.ts';

const sandbox = await openSandbox();
afterAll(() => sandbox[Symbol.asyncDispose]());

const HELP = 'Run crossbpf --help, or crossbpf COMMAND --help.';

describe.concurrent('a mistake is one line and exit code 2', () => {
  test.for<[string[], string]>([
    [['rnu'], `unknown command 'rnu'. Did you mean run? ${HELP}`],
    [['prog.o'], `unknown command 'prog.o'. Did you mean crossbpf run prog.o? ${HELP}`],
    [['run', '--tagret', 'x'], `unknown option '--tagret'. Did you mean --target? ${HELP}`],
    [['run', '-t'], `option '-t, --target <target>' argument missing. ${HELP}`],
    [
      ['run', '--timeout', '0'],
      `option '--timeout <seconds>' argument '0' is invalid. It must be a number above 0. ${HELP}`,
    ],
    [
      ['run', '--timeout', '3000000'],
      `option '--timeout <seconds>' argument '3000000' is invalid. It must be at most 2000000. ${HELP}`,
    ],
    [
      ['run', '-j', '1.5'],
      `option '-j, --jobs <n>' argument '1.5' is invalid. It must be a whole number. ${HELP}`,
    ],
    [
      ['run', '--accel', 'hvf'],
      `option '--accel <name>' argument 'hvf' is invalid. Allowed choices are auto, kvm, tcg. ${HELP}`,
    ],
    [
      ['kernels', 'fetsh'],
      'kernels cannot fetsh. Did you mean fetch? It can list, fetch, lock and prune.',
    ],
    [
      ['kernels', 'prune', '--all', '-t', 'linux@5.10'],
      'kernels prune takes no --target. It takes --all.',
    ],
    [['kernels', '--all'], 'kernels list takes no --all. It takes --refresh, --json.'],
    [
      ['run', '--reporter', 'jsn'],
      'no reporter is called "jsn". Did you mean json? There are matrix, dot, json, junit, github, blob.',
    ],
    [
      ['run', '--reporter', 'json', '--reporter', 'dot'],
      'two reporters cannot both write to standard output. Give all but one a file: --reporter json=report.json.',
    ],
    [
      ['run', '--config', 'nowhere.ts'],
      'nowhere.ts: no such file. Leave --config out to use the nearest crossbpf.config.ts, or the defaults.',
    ],
  ])('%j', async ([args, line]) => {
    const { stdout, stderr, exitCode } = await sandbox.run(args);
    expect({ stdout, stderr, exitCode }).toEqual({
      stdout: '',
      stderr: `error: ${line}\n`,
      exitCode: 2,
    });
  });
});

// Here and not in test/config: vitest imports files in its own way, with errors of its own.
describe.concurrent('a configuration with a syntax error: its line, and no stack', () => {
  test.for([
    ['syntax.mjs', 'export default {\n  jobs: 1\n', 'Unexpected end of input', 3],
    ['syntax.ts', 'export default {\n  targets: [,\n', 'Expression expected', 2],
    ['enum.ts', '\nenum X { A }\n', 'TypeScript enum is not supported in strip-only mode', 2],
  ] as const)('%s', async ([name, text, message, line]) => {
    await sandbox.write(name, text);
    const { stderr, exitCode } = await sandbox.run(['run', '--config', name]);
    expect({ stderr, exitCode }).toEqual({
      stderr: `error: ${name}:${line}: ${message}\n`,
      exitCode: 2,
    });
  });
});

test.concurrent('a configuration that throws what is no error: its file, without a line', async () => {
  await sandbox.write('throws.mjs', 'throw 5;\n');
  const { stderr, exitCode } = await sandbox.run(['run', '--config', 'throws.mjs']);
  expect({ stderr, exitCode }).toEqual({ stderr: 'error: throws.mjs: it throws 5\n', exitCode: 2 });
});

test.concurrent('guests with more memory than there is', async () => {
  await sandbox.write('greedy/a.bpf.c', smallFixture('a'));
  const config =
    "export default { targets: ['linux@6.12'], fixtures: ['.'], memory: 100_000_000 };";
  const file = await sandbox.write('greedy/crossbpf.config.mjs', config);
  const { stderr, exitCode } = await sandbox.run(['run', '--config', file]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(
    /crossbpf\.config\.mjs: memory: 100000000 MiB for each guest is more than this machine has \(\d+ MiB\)\n$/,
  );
});

describe.concurrent('help', () => {
  test.for([[['--help']], [['run', '--help']], [['help', 'kernels']]])(
    '%j',
    async ([args = []]) => {
      const { stdout, stderr, exitCode } = await sandbox.run(args);
      expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
      expect(stdout).toMatch(/^Usage: crossbpf/);
      expect(stdout).not.toMatch(/\[\]|false/);
    },
  );

  test('names every command and exit code', async () => {
    const { stdout } = await sandbox.run(['--help']);
    for (const word of ['run', 'kernels', 'doctor', 'Exit codes:', '130']) {
      expect(stdout).toContain(word);
    }
  });

  test('without arguments it is shown on standard error, as a mistake', async () => {
    const { stdout, stderr, exitCode } = await sandbox.run([]);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
    expect(stderr).toMatch(/^Usage: crossbpf/);
  });

  test('--version is that of the package', async () => {
    const text = await readFile(path.join(PACKAGE_ROOT, 'package.json'), 'utf8');
    expect((await sandbox.run(['--version'])).stdout).toBe(`${JSON.parse(text).version}\n`);
  });
});

describe.concurrent('colour', () => {
  const RED = '\u001b[31m';
  test.for<[Record<string, string>, boolean]>([
    [{}, false],
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '0' }, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('in a pipe with %j: %s', async ([variables, colored]) => {
    const { stderr } = await sandbox.run(['run', 'nowhere.o'], variables);
    expect(stderr.includes(RED)).toBe(colored);
  });
});

test('no command left anything', async () => {
  expect(await sandbox.leftovers()).toEqual([]);
});
