import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { reportSchema } from '../../harness/report/report-schema.ts';
import {
  BIN,
  folderOfCommands,
  openSandbox,
  PACKAGE_ROOT,
  smallFixture,
} from '../support/command-line.ts';
import {
  copyKernel,
  copyLists,
  copyWarmCache,
  fetchKernel,
  SERIES,
} from '../support/kernel-cache.ts';
import { mountSmallDisk } from '../support/small-disk.ts';

const TARGET = `linux@${SERIES}`;
/** What a run itself needs besides QEMU and clang. */
const COMMANDS = ['sh', 'setpriv', 'flock', 'cat', 'fallocate', 'cp'];

beforeAll(fetchKernel);

/** A sandbox with a kernel, its saved guest and a fixture. */
async function preparedSandbox() {
  const sandbox = await openSandbox();
  await copyWarmCache(sandbox.cacheRoot);
  await sandbox.write('pass.bpf.c', smallFixture());
  return sandbox;
}

test('kernels that are not there: the nearest are named', async () => {
  await using sandbox = await preparedSandbox();
  const run = (target: string) => sandbox.run(['run', 'pass.bpf.c', '-t', target]);
  const series = await run('linux@6.13');
  expect(series.exitCode).toBe(2);
  expect(series.stderr).toMatch(
    /^error: linux@6\.13: no kernel of that series in Debian's archive: 6\.13 \(nearest: 6\.12, \S+\)\. See `crossbpf kernels`\.\n$/,
  );
  const target = await run('linus@6.1');
  expect(target.exitCode).toBe(2);
  expect(target.stderr).toMatch(
    /^error: linus@6\.1: not a target: did you mean linux@6\.1\? Targets/,
  );
  const noFile = await run('linux:./nowhere');
  expect(noFile.exitCode).toBe(2);
  expect(noFile.stderr).toMatch(/^error: \S*\/nowhere: no such kernel file\. .*\n$/);
  const noKernel = await run('linux:./pass.bpf.c');
  expect(noKernel.exitCode).toBe(2);
  expect(noKernel.stderr).toMatch(/^error: \S*\/pass\.bpf\.c: not a kernel: .*\n$/);
  expect([series, target, noFile, noKernel].map(({ stdout }) => stdout)).toEqual(['', '', '', '']);
  expect(await sandbox.leftovers()).toEqual([]);
});

test('one bad file stops nothing else', async () => {
  await using sandbox = await preparedSandbox();
  await sandbox.write('good.bpf.c', smallFixture('good'));
  await sandbox.write('source.bpf.c', 'int broken(void) { return }\n');
  await sandbox.write('text.o', 'no object');
  await sandbox.write('scenario.bpf.c', smallFixture('scenario'));
  await sandbox.write('scenario.scenario.ts', 'export default {');
  await sandbox.write('directive.bpf.c', `// crossbpf: expect no accept linux\n${smallFixture()}`);
  const args = ['run', '.', '-t', TARGET, '--reporter', 'matrix', '--reporter', 'json=r.json'];
  const { stdout, stderr, exitCode } = await sandbox.run([...args, '--reporter', 'junit=r.xml']);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(
    /^error: source\.bpf\.c: it does not compile\nsource\.bpf\.c:1:27: error: /m,
  );
  expect(stdout).toMatch(/^ {2}good +✓ 2$/m);
  expect(stdout).toMatch(/^ {2}pass +✓ 2$/m);
  expect(stdout).toMatch(/^! source +it does not compile$/m);
  expect(stdout).toMatch(/^! source: it does not compile: source\.bpf\.c:1: expected expression$/m);
  expect(stdout).toMatch(/2 programs on 1 target: 2 accepted .* 4 fixtures could not be run/);
  const read = (name: string) => readFile(path.join(sandbox.folder, name), 'utf8');
  const report = reportSchema.parse(JSON.parse(await read('r.json')));
  const codes = report.fixtures.map(({ id, error }) => [id, error?.code ?? 'ran']);
  expect(Object.fromEntries(codes)).toEqual({
    ...{ good: 'ran', pass: 'ran', source: 'USAGE_COMPILE', text: 'USAGE_BAD_OBJECT' },
    ...{ scenario: 'USAGE_BAD_SCENARIO', directive: 'USAGE_BAD_DIRECTIVE' },
  });
  expect(report.summary).toMatchObject({ broken: 4, accepted: 2, infrastructure: 0 });
  expect((await read('r.xml')).match(/<testsuite /g)).toHaveLength(2);
  expect(await sandbox.leftovers()).toEqual([]);
});

test('a fixture that does not compile: that is all that is said, and guests that have begun to start are gone', async () => {
  await using sandbox = await preparedSandbox();
  await sandbox.write('bad.bpf.c', 'int broken(void) { return }\n');
  const run = await sandbox.run(['run', 'bad.bpf.c', '-t', TARGET]);
  expect({ exitCode: run.exitCode, stdout: run.stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(run.stderr).toMatch(/^error: bad\.bpf\.c: it does not compile\n/);
  expect(await sandbox.leftovers()).toEqual([]);
  const later = await sandbox.run(['run', 'pass.bpf.c', '-t', TARGET]);
  expect(later.exitCode).toBe(0);
});

test('no QEMU: the report says so, and the exit code is 3', async () => {
  await using sandbox = await preparedSandbox();
  const PATH = await folderOfCommands(sandbox, [...COMMANDS, 'clang-19']);
  const args = ['run', 'pass.bpf.c', '-t', TARGET, '--reporter', 'json'];
  const { stdout, stderr, exitCode } = await sandbox.run(args, { PATH });
  expect(exitCode).toBe(3);
  expect(stderr).toBe(
    `error: ${TARGET}: qemu-system-x86_64 is not installed. Install it, with \`apt-get install qemu-system-x86\` on Debian and Ubuntu.\n`,
  );
  const report = reportSchema.parse(JSON.parse(stdout));
  expect(report.targets).toMatchObject([{ id: TARGET, error: { code: 'INFRA_NO_QEMU' } }]);
  expect(await sandbox.leftovers()).toEqual([]);
});

test('no network and an empty cache: exit code 3, in words', async () => {
  await using sandbox = await openSandbox();
  await sandbox.write('pass.bpf.c', smallFixture());
  const closed = { CROSSBPF_DEBIAN_MIRROR: 'http://127.0.0.1:9/debian' };
  const { stdout, stderr, exitCode } = await sandbox.run(
    ['run', 'pass.bpf.c', '-t', TARGET],
    closed,
  );
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(
    new RegExp(
      `^error: ${TARGET}: Debian's archive cannot be reached at http://127.0.0.1:9/\\S+ .*Connection refused.*CROSSBPF_DEBIAN_MIRROR\\.$`,
      'm',
    ),
  );
  expect(stdout).toContain('1 answer could not be had');
  expect(await sandbox.leftovers()).toEqual([]);
});

test.for(['1m', '24m', '140m'])(
  'a full disk of %s: exit code 3, and no draft is left',
  async (size, context) => {
    await using disk = await mountSmallDisk(size);
    if (disk === undefined) return context.skip('only root can mount a small disk');
    await using sandbox = await openSandbox(disk.path);
    if (size !== '1m') await copyKernel(disk.path).catch(() => copyLists(disk.path));
    await sandbox.write('pass.bpf.c', smallFixture());
    const { stderr, exitCode } = await sandbox.run(['run', 'pass.bpf.c', '-t', TARGET]);
    expect(stderr).toMatch(/^error: .*no space left.*$/m);
    expect(stderr).not.toMatch(/this is a bug|^\s+at /m);
    expect(exitCode).toBe(3);
    expect(await sandbox.leftovers()).toEqual([]);
  },
);

test('two runs at once on an empty cache: both are right, and one has fetched', async () => {
  await using sandbox = await openSandbox();
  await copyLists(sandbox.cacheRoot);
  await sandbox.write('pass.bpf.c', smallFixture());
  const args = ['run', 'pass.bpf.c', '-t', TARGET, '--reporter', 'json'];
  const ended = await Promise.all([sandbox.run(args), sandbox.run(args)]);
  expect(ended.map(({ exitCode, stderr }) => [exitCode, exitCode === 0 ? '' : stderr])).toEqual([
    [0, ''],
    [0, ''],
  ]);
  const fixtures = ended.map(({ stdout }) => reportSchema.parse(JSON.parse(stdout)).fixtures[0]);
  const verdicts = fixtures.map(fixture => fixture?.results[TARGET]?.programs['pass']?.verdict);
  expect(verdicts).toEqual(['accept', 'accept']);
  expect(ended.filter(({ stderr }) => stderr.includes('downloading'))).toHaveLength(1);
  expect(await readdir(path.join(sandbox.cacheRoot, 'kernels/images'))).toHaveLength(1);
  expect(await readdir(path.join(sandbox.cacheRoot, 'snapshots'))).toHaveLength(2);
  expect(await sandbox.leftovers()).toEqual([]);
});

test('npx crossbpf prints the JSON document and nothing else on standard output', async () => {
  await using sandbox = await preparedSandbox();
  const file = await sandbox.write('pass.bpf.c', smallFixture());
  const inPackage = 'cd "$0" && exec npx crossbpf run "$1" -t "$2" --reporter json';
  const { stdout, exitCode } = await sandbox.execute([
    ...(['sh', '-c', inPackage, PACKAGE_ROOT, file, TARGET] as const),
  ]);
  expect(exitCode).toBe(0);
  const report = reportSchema.parse(JSON.parse(stdout));
  expect(report.summary).toMatchObject({ accepted: 1, unexpected: 0 });
  // npm keeps its own compiled code there.
  const left = await sandbox.leftovers();
  expect(left.filter(name => name !== 'node-compile-cache')).toEqual([]);
});

test('a report takes the place of an old one only when it is complete', async () => {
  await using sandbox = await preparedSandbox();
  const file = await sandbox.write('report.json', 'old');
  const args = ['-t', TARGET, '--reporter', 'json=report.json'];
  expect(await sandbox.run(['run', 'nowhere.bpf.c', ...args])).toMatchObject({ exitCode: 2 });
  expect(await readFile(file, 'utf8')).toBe('old');
  const { stdout, exitCode } = await sandbox.run(['run', 'pass.bpf.c', ...args]);
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 0 });
  expect(reportSchema.parse(JSON.parse(await readFile(file, 'utf8'))).fixtures).toHaveLength(1);
});

test('a report file that cannot be written in the end is exit code 3', async () => {
  await using sandbox = await preparedSandbox();
  const file = '/proc/nowhere.json';
  const args = ['run', 'pass.bpf.c', '-t', TARGET, '--reporter', `json=${file}`];
  const { exitCode, stderr } = await sandbox.run(args);
  expect({ exitCode }).toEqual({ exitCode: 3 });
  expect(stderr).toMatch(/^error: \/proc\/nowhere\.json: it cannot be written: .*\n$/);
  expect(await sandbox.leftovers()).toEqual([]);
});

test('standard output that is closed is no failure; one that is full is', async () => {
  await using sandbox = await preparedSandbox();
  const line = `exec "$0" "$1" run pass.bpf.c -t ${TARGET}`;
  const execute = (redirected: string) =>
    sandbox.execute(['bash', '-c', redirected, process.execPath, BIN]);
  const closed = await execute(`( ${line} ) | head -c 1; exit \${PIPESTATUS[0]}`);
  expect(closed).toMatchObject({ stdout: '\n', stderr: '', exitCode: 0 });
  const full = await execute(`${line} >/dev/full`);
  expect(full).toMatchObject({
    stderr: 'error: standard output cannot be written to: no space left\n',
    exitCode: 3,
  });
  expect(await sandbox.leftovers()).toEqual([]);
});
