import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findCompiler } from '../../harness/fixtures/find-compiler.ts';
import { reportSchema } from '../../harness/report/report-schema.ts';
import { folderOfCommands, openSandbox, smallFixture } from '../support/command-line.ts';

const sandbox = await openSandbox();
afterAll(() => sandbox[Symbol.asyncDispose]());

const NOT_BPF = 'Give an ELF object that was compiled with -target bpf.';
const KNOWN =
  'Known are "cflags FLAG…", "linux-only REASON", "windows-only REASON", "link FILE…", "type PROGRAM TYPE" and "expect PROGRAM accept|reject|unsupported RANGE", such as "expect prog accept linux >=5.17".';

beforeAll(async () => {
  const { command } = await findCompiler({ environment: process.env });
  const source = await sandbox.write('declarations.c', 'int x;\n');
  const compile = (target: string, name: string) =>
    execa(command, ['-target', target, '-c', source, '-o', path.join(sandbox.folder, name)]);
  await Promise.all([compile('bpf', 'no-program.o'), compile('x86_64', 'x86.o')]);
  const whole = await readFile(path.join(sandbox.folder, 'no-program.o'));
  await sandbox.write('empty.o', '');
  await sandbox.write('random.o', Buffer.from('ceci n’est pas un objet'.repeat(30)));
  await sandbox.write('cut-in-header.o', whole.subarray(0, 40));
  await sandbox.write('cut-in-sections.o', whole.subarray(0, -20));
  await sandbox.write('bad.bpf.c', 'SEC("xdp" int\n');
  const directives = {
    'keyword.bpf.c': 'expekt pass accept linux',
    'verdict.bpf.c': 'expect pass acept linux',
    'range.bpf.c': 'expect pass accept linx',
    'program.bpf.c': 'expect pas accept linux',
  };
  for (const [name, directive] of Object.entries(directives)) {
    await sandbox.write(name, `// crossbpf: ${directive}\n${smallFixture()}`);
  }
  await mkdir(path.join(sandbox.folder, 'no-fixtures'));
});

describe.concurrent('what is no fixture is one line and exit code 2', () => {
  test.for<[string, string]>([
    [
      'nowhere.o',
      'no such file or folder: nowhere.o. Name a .bpf.c file, a BPF object file, or a folder that holds them.',
    ],
    ['empty.o', `empty.o: not a BPF object: the file is empty. ${NOT_BPF}`],
    ['random.o', `random.o: not a BPF object: not an ELF file. ${NOT_BPF}`],
    ['cut-in-header.o', `cut-in-header.o: not a BPF object: the file is truncated. ${NOT_BPF}`],
    ['cut-in-sections.o', `cut-in-sections.o: not a BPF object: the file is truncated. ${NOT_BPF}`],
    ['x86.o', `x86.o: not a BPF object: an ELF file for x86_64, not for BPF. ${NOT_BPF}`],
    [
      'no-program.o',
      'no-program.o: the object holds no BPF program. A program is a function with a section: SEC("xdp") int prog(struct xdp_md *ctx).',
    ],
    [
      'declarations.c',
      'declarations.c: the object holds no BPF program. A program is a function with a section: SEC("xdp") int prog(struct xdp_md *ctx).',
    ],
    [
      'no-fixtures',
      'no fixture in no-fixtures. A fixture is a file NAME.bpf.c, or a BPF object file NAME.o.',
    ],
    [
      'no*',
      'no-program.o: the object holds no BPF program. A program is a function with a section: SEC("xdp") int prog(struct xdp_md *ctx).',
    ],
    [
      'none*.o',
      'nothing matches none*.o. A fixture is a file NAME.bpf.c, or a BPF object file NAME.o.',
    ],
    [
      'keyword.bpf.c',
      `keyword.bpf.c:1: unknown directive "expekt pass accept linux" (did you mean expect?). ${KNOWN}`,
    ],
    [
      'verdict.bpf.c',
      `verdict.bpf.c:1: cannot read "expect pass acept linux" (did you mean accept?). ${KNOWN}`,
    ],
    [
      'range.bpf.c',
      `range.bpf.c:1: not a range of targets: "linx": it does not start with linux or windows. ${KNOWN}`,
    ],
    ['program.bpf.c', 'program.bpf.c:1: no program pas in this fixture. It has pass.'],
  ])('%s', async ([name, line]) => {
    const { stdout, stderr, exitCode } = await sandbox.run(['run', name]);
    expect({ stdout, stderr, exitCode }).toEqual({
      stdout: '',
      stderr: `error: ${line}\n`,
      exitCode: 2,
    });
  });
});

test('a fixture that does not compile: clang says why', async () => {
  const { stdout, stderr, exitCode } = await sandbox.run(['run', 'bad.bpf.c']);
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
  expect(stderr).toMatch(/^error: bad\.bpf\.c: it does not compile\nbad\.bpf\.c:1:\d+: error: /);
  expect(stderr).toMatch(/errors? generated\.\n$/);
});

test('what is wrong with several is said of each', async () => {
  const { stderr, exitCode } = await sandbox.run(['run', 'empty.o', 'keyword.bpf.c', 'random.o']);
  expect(exitCode).toBe(2);
  expect(stderr.split('\n').map(line => line.slice(0, 30))).toEqual([
    ...['error: empty.o: not a BPF obje', 'error: keyword.bpf.c:1: unknow'],
    ...['error: random.o: not a BPF obj', ''],
  ]);
});

test('a report in a file has what is wrong, although nothing was run', async () => {
  const reporters = ['json=broken.json', 'junit=broken.xml'].flatMap(each => ['--reporter', each]);
  const { exitCode } = await sandbox.run(['run', 'empty.o', 'bad.bpf.c', ...reporters]);
  expect(exitCode).toBe(2);
  const read = (name: string) => readFile(path.join(sandbox.folder, name), 'utf8');
  const report = reportSchema.parse(JSON.parse(await read('broken.json')));
  expect(report).toMatchObject({
    targets: [],
    fixtures: [
      {
        id: 'bad',
        results: {},
        error: {
          code: 'USAGE_COMPILE',
          message: 'it does not compile',
          output: expect.stringMatching(/^bad\.bpf\.c:1:\d+: error: /),
        },
      },
      { id: 'empty', error: { code: 'USAGE_BAD_OBJECT', output: null } },
    ],
    summary: { fixtures: 2, broken: 2, infrastructure: 0 },
  });
  expect(await read('broken.xml')).toMatch(
    /<testsuite name="fixtures" tests="2".* errors="2".*<error message="it does not compile">.*bad\.bpf\.c:1:/s,
  );
});

test.each(['run', 'check'])('%s: neither a FIFO nor a device is waited for', async command => {
  await sandbox.execute(['mkfifo', path.join(sandbox.folder, 'fifo.o')]);
  await sandbox.execute(['ln', '-sf', '/dev/zero', path.join(sandbox.folder, 'device.o')]);
  const { stdout, stderr, exitCode } = await sandbox.run([command, 'fifo.o', 'device.o']);
  expect({ stdout, stderr, exitCode }).toEqual({
    stdout: '',
    stderr: 'error: device.o: it is not a regular file\nerror: fifo.o: it is not a regular file\n',
    exitCode: 2,
  });
});

test('no clang: said once, with what to do, exit code 3', async () => {
  await sandbox.write('two/a.bpf.c', smallFixture('a'));
  await sandbox.write('two/b.bpf.c', smallFixture('b'));
  const PATH = await folderOfCommands(sandbox, ['sh', 'setpriv']);
  const { stderr, exitCode } = await sandbox.run(['run', 'two'], { PATH, CLANG: undefined });
  expect(stderr).toBe(
    'error: no clang: clang was not found. Install one (apt-get install clang-19), or name it: compiler.command in the configuration, or $CLANG.\n',
  );
  expect(exitCode).toBe(3);
});

test('a folder for temporary files that is not there is said so', async () => {
  await sandbox.write('fresh.bpf.c', smallFixture('fresh'));
  const missing = path.join(sandbox.folder, 'missing');
  const { stderr, exitCode } = await sandbox.run(['run', 'fresh.bpf.c'], { TMPDIR: missing });
  expect({ stderr, exitCode }).toEqual({
    stderr: `error: the folder for temporary files is not there: ${missing}. Make it, or set TMPDIR to one that is there.\n`,
    exitCode: 3,
  });
});

test('nothing is left behind by any of them', async () => {
  expect(await sandbox.leftovers()).toEqual([]);
});

describe('without a configuration, where nothing is named', () => {
  test('an empty folder', async () => {
    await using empty = await openSandbox();
    const { stderr, exitCode } = await empty.run(['run']);
    expect({ stderr, exitCode }).toEqual({
      stderr:
        'error: no fixture in this folder. A fixture is a file NAME.bpf.c, or a BPF object file NAME.o.\n',
      exitCode: 2,
    });
  });

  test('the fixtures are those of this folder, or of its folder fixtures if it has one', async () => {
    await using user = await openSandbox();
    await user.write('mine.bpf.c', 'SEC("xdp" int');
    await user.write('node_modules/other/theirs.bpf.c', 'SEC("xdp" int');
    const said = async () => (await user.run(['run'])).stderr.split('\n')[0];
    expect(await said()).toBe('error: mine.bpf.c: it does not compile');
    await user.write('fixtures/inner.bpf.c', 'SEC("xdp" int');
    expect(await said()).toBe('error: fixtures/inner.bpf.c: it does not compile');
  });
});
