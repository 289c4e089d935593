import path from 'node:path';
import { expect, test } from 'vitest';
import { openSandbox, smallFixture } from '../support/command-line.ts';

const LOOP = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
static long step(__u32 index, void *context) { return 0; }
SEC("xdp") int looping(struct xdp_md *ctx)
{
	bpf_loop(3, step, 0, 0);
	return XDP_PASS;
}
SEC("fentry/no_such_function") int traced(void *ctx) { return 0; }
`;

test('says what stops a program, on which line, since when, and what to use instead', async () => {
  await using sandbox = await openSandbox();
  await sandbox.write('loop.bpf.c', LOOP);
  const both = ['-t', 'linux@5.10', '-t', 'linux@6.1', '-t', 'windows@1.5'];
  const { stdout, stderr, exitCode } = await sandbox.run(['check', 'loop.bpf.c', ...both]);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  expect(stdout).toContain('looping                      Linux 5.17 · not on Windows');
  expect(stdout).toMatch(
    /✗ helper bpf_loop loop.bpf.c:6: Linux 5.17; not on Windows \(linux@5.10, windows@1.5\) Instead: /,
  );
  expect(stdout).toContain('XDP_PASS is 1, not 2');
  expect(stdout).toContain('static: nothing was loaded');
  expect(await sandbox.leftovers()).toEqual([]);
});

test('says plainly what it cannot know without a kernel’s types', async () => {
  await using sandbox = await openSandbox();
  await sandbox.write('loop.bpf.c', LOOP);
  const { stdout } = await sandbox.run(['check', 'loop.bpf.c', '-t', 'linux@6.12']);
  expect(stdout).toMatch(/\? no_such_function: the types of this kernel are not at hand/);
  expect(stdout).toContain('crossbpf kernels fetch -t linux@6.12');
});

test('as JSON, marked static, and as a table for a README', async () => {
  await using sandbox = await openSandbox();
  await sandbox.write('loop.bpf.c', LOOP);
  const { stdout: json } = await sandbox.run(['check', 'loop.bpf.c', '-t', 'linux@5.10', '--json']);
  expect(JSON.parse(json)).toMatchObject({
    ...{ schema: 'crossbpf/check@1', mode: 'static', targets: [{ id: 'linux@5.10', types: null }] },
    objects: [
      {
        programs: [
          {
            name: 'looping',
            predictions: {
              'linux@5.10': {
                outcome: 'stops',
                stops: [
                  expect.objectContaining({ what: 'instruction callback', since: 'Linux 5.13' }),
                  expect.objectContaining({ what: 'helper bpf_loop', since: 'Linux 5.17' }),
                ],
              },
            },
          },
          { name: 'traced', predictions: { 'linux@5.10': { outcome: 'unknown' } } },
        ],
      },
    ],
  });
  const { stdout: table } = await sandbox.run([
    ...['check', 'loop.bpf.c', '--markdown', '-t', 'windows@1.5'],
  ]);
  expect(table).toContain('| loop.bpf.c | looping | Linux 5.17 | not on Windows |');
});

test('nothing is said of Windows where no target is', async () => {
  await using sandbox = await openSandbox();
  await sandbox.write('loop.bpf.c', LOOP);
  for (const format of [[], ['--markdown']]) {
    const { stdout } = await sandbox.run(['check', 'loop.bpf.c', ...format]);
    expect(stdout).toContain('Linux 5.17');
    expect(stdout).not.toMatch(/windows/i);
  }
  await sandbox.write(
    'crossbpf.config.ts',
    "export default { targets: ['linux@6.12', 'linux-host', 'windows-local'] };",
  );
  const { stdout } = await sandbox.run(['check', 'loop.bpf.c', '--json']);
  expect(JSON.parse(stdout).targets.map(({ id }: { id: string }) => id)).toEqual([
    ...['linux@6.12', 'windows'],
  ]);
});

test.each([
  [
    'linux@5.10',
    1,
    /^--fail-on linux@5\.10: loop\.bpf\.c: looping does not load: .*helper bpf_loop/,
  ],
  ['linux@6.6', 0, /^$/],
  ['windows@1.5', 1, /^--fail-on windows@1\.5: loop\.bpf\.c: looping does not load: /],
  ['linux@4.18', 1, /whether looping loads is unknown: Linux 4\.18 \(no kernel before 5\.10 was/],
])('--fail-on %s gives %i, and says for what', async (target, code, said) => {
  await using sandbox = await openSandbox();
  await sandbox.write('loop.bpf.c', LOOP.slice(0, LOOP.indexOf('SEC("fentry')));
  const { stderr, exitCode } = await sandbox.run(['check', 'loop.bpf.c', '--fail-on', target]);
  expect(exitCode).toBe(code);
  expect(stderr).toMatch(said);
});

test.each([
  [['check', 'pass.bpf.c', '-t', 'linux-host'], /no machine and no file/],
  [['check', 'pass.bpf.c', '-t', 'linux@bad'], /linux@bad/],
  [['check', 'pass.bpf.c', '-t', 'windows@9'], /the table has windows@0.20, .*windows@1.5/],
  [['check', 'pass.bpf.c', '-t', 'linux@9'], /no kernel of it was probed/],
  [['check', 'missing.o'], /no such file or folder: missing.o/],
  [['check', 'text.o'], /not an ELF file/],
  [['check', '/bin/true'], /holds no BPF object within itself/],
  [['check', 'pass.bpf.c', '--json', '--markdown'], /cannot be used with option/],
  [['features', '--diff', '-t', 'linux@6.1'], /between two targets, not 1/],
  [['features', '-t', 'nonsense'], /nonsense/],
])('%s is bad input', async (args, message) => {
  await using sandbox = await openSandbox();
  await sandbox.write('pass.bpf.c', smallFixture());
  await sandbox.write('text.o', 'no object');
  const { stderr, exitCode } = await sandbox.run(args);
  expect(stderr).toMatch(message);
  expect(exitCode).toBe(2);
  expect(await sandbox.leftovers()).toEqual([]);
});

test('what cannot be read is an answer of its own, and the others are checked', async () => {
  await using sandbox = await openSandbox();
  await sandbox.write('text.o', 'no object');
  await sandbox.write('empty.o', '');
  await sandbox.write('pass.bpf.c', smallFixture());
  await sandbox.write('bad.bpf.c', 'SEC("xdp" int');
  const named = ['pass.bpf.c', 'text.o', 'empty.o', 'bad.bpf.c', process.execPath];
  const { stdout, stderr, exitCode } = await sandbox.run(['check', ...named]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('error: empty.o: the file is empty');
  expect(stderr).toContain('error: text.o: not an ELF file');
  expect(stderr).toMatch(/^error: bad\.bpf\.c: it does not compile\nbad\.bpf\.c:1:/m);
  expect(stderr).toContain('a program, which holds no BPF object within itself');
  expect(stdout).toContain('empty.o\n  ! the file is empty\n');
  expect(stdout).toContain('bad.bpf.c\n  ! it does not compile\n');
  expect(stdout).toMatch(/✓ pass .*Linux 5\.10/);
  expect(stdout).toContain('1 program in 1 object: ');
  expect(stdout).toContain('4 files cannot be read');
  const json = await sandbox.run(['check', ...named, '--json']);
  const { objects } = JSON.parse(json.stdout);
  const errors = objects.map(({ file, error }: { file: string; error: string | null }) => [
    path.basename(file),
    error,
  ]);
  expect(Object.fromEntries(errors)).toEqual({
    'bad.bpf.c': 'it does not compile',
    'empty.o': 'the file is empty',
    [path.basename(process.execPath)]: 'a program, which holds no BPF object within itself',
    'pass.bpf.c': null,
    'text.o': 'not an ELF file',
  });
  expect(await sandbox.leftovers()).toEqual([]);
});
