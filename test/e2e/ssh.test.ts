import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Report, reportSchema } from '../../harness/report/report-schema.ts';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import {
  BIN,
  openSandbox,
  PACKAGE_ROOT,
  type Sandbox,
  smallFixture,
} from '../support/command-line.ts';
import { copyWarmCache, SERIES } from '../support/kernel-cache.ts';
import { type LoopbackSsh, openLoopbackSsh } from '../support/loopback-ssh.ts';
import { findProcesses, until } from '../support/processes.ts';

/** Machines by the name of their target. */
type Machines = Readonly<Record<string, object>>;

async function configure(sandbox: Sandbox, remotes: Machines): Promise<void> {
  const text = `export default { remotes: ${JSON.stringify(remotes)} };`;
  await sandbox.write('crossbpf.config.mjs', text);
}

function loopback(config: string) {
  return { kind: 'linux-ssh', host: 'loopback', sshConfig: config };
}

/** The error of each target, by its id; undefined for one that answered. */
function errorsOf({ targets }: Report) {
  return Object.fromEntries(targets.map(({ id, error }) => [id, error?.code]));
}

const NOT_TOLD: ReadonlyMap<string, string> = new Map([
  ['branchless-select', 'the verifier of 6.18 walks 8193 states, for more than a minute'],
  ['syscall-run', 'it tells the process id of the agent'],
]);

test('the suite over linux-ssh on loopback equals the suite on linux-host', async () => {
  // On one processor: which one a program runs on shows in maps of each processor.
  await using ssh = await openLoopbackSsh({ processor: 0 });
  // What others have compiled already need not be compiled again.
  await using sandbox = await openSandbox(cacheRoot(process.env));
  await configure(sandbox, { 'linux@loopback': loopback(ssh.config) });
  const config = path.join(sandbox.folder, 'crossbpf.config.mjs');
  const fixtures = (await readdir(path.join(PACKAGE_ROOT, 'fixtures')))
    .filter(name => name.endsWith('.bpf.c') && !NOT_TOLD.has(name.replace('.bpf.c', '')))
    .map(name => `fixtures/${name}`);
  const command = 'cd "$0" && exec taskset -c 0 "$@"';
  const { stdout, stderr, exitCode } = await sandbox.execute([
    ...(['sh', '-c', command, PACKAGE_ROOT, process.execPath, BIN, 'run', ...fixtures] as const),
    // One after the other: both are this machine, and what one does must not be an event for the other.
    ...['--config', config, '-t', 'linux-host', '-t', 'linux@loopback', '-j', '1'],
    ...['--reporter', 'json'],
  ]);
  // Which of them this machine's kernel is permitted to load, and accepts, is its own affair: 0 or 1, not 3.
  expect(exitCode, stderr).toBeLessThan(2);
  const report = reportSchema.parse(JSON.parse(stdout));
  expect(report.targets.map(({ mode }) => mode).sort()).toEqual(['host', 'remote']);
  expect(report.summary.fixtures).toBe(fixtures.length);
  expect(report.divergences.filter(({ expected }) => !expected)).toEqual([]);
});

/** What is wrong with a machine, and what is said of it. */
const BAD: readonly (readonly [name: string, code: string, message: RegExp])[] = [
  ['linux@unreachable', 'INFRA_SSH_UNREACHABLE', /127\.0\.0\.1:9: .*Connection refused\. Is the/],
  ['linux@stranger', 'INFRA_SSH_DENIED', /Permission denied.*BatchMode=yes must work/],
  ['linux@unknown', 'INFRA_SSH_HOST_KEY', /Host key verification failed\. Run ssh -F \S+ loopback/],
  ['linux@nobody', 'INFRA_TARGET_NOT_READY', /is not root, and sudo asks .*NOPASSWD/],
  ['linux@confined', 'INFRA_TARGET_NOT_READY', /not permitted to use BPF .* It takes root/],
  ['linux@noisy', 'INFRA_SSH_NOISE', /on loopback prints "Good morning"/],
  ['windows@1.5', 'INFRA_OTHER_PLATFORM', /does not answer as Windows does: crossbpf=/],
];

test('machines that cannot be had: each is said with its fix, and the other targets complete', async () => {
  await using ssh = await openLoopbackSsh();
  const as = (command: string) => openLoopbackSsh({ settings: () => [`ForceCommand ${command}`] });
  const original = 'sh -c "$SSH_ORIGINAL_COMMAND"';
  await using nobody = await as(`setpriv --reuid 65534 --clear-groups ${original}`);
  const dropped = '--bounding-set -all --inh-caps -all';
  await using confined = await as(`setpriv ${dropped} ${original}`);
  await using noisy = await as(`echo Good morning; ${original}`);
  await using sandbox = await openSandbox();
  await copyWarmCache(sandbox.cacheRoot);
  await sandbox.write('pass.bpf.c', smallFixture());
  const first = (name: string, line: string) => ssh.writeConfig(name, ['Host loopback', line]);
  const remotes: Machines = {
    'linux@unreachable': { kind: 'linux-ssh', host: 'me@127.0.0.1', port: 9 },
    'linux@stranger': loopback(ssh.strangersConfig),
    'linux@unknown': loopback(await first('unknown', 'UserKnownHostsFile /dev/null')),
    'linux@nobody': loopback(nobody.config),
    'linux@confined': loopback(confined.config),
    'linux@noisy': loopback(noisy.config),
    'windows@1.5': { ...loopback(ssh.config), kind: 'windows-ssh' },
  };
  await configure(sandbox, remotes);
  const good = `linux@${SERIES}`;
  const targets = [good, ...Object.keys(remotes)].flatMap(name => ['-t', name]);
  const { stdout, stderr, exitCode } = await sandbox.run([
    ...['run', 'pass.bpf.c', ...targets, '--reporter', 'json'],
  ]);
  expect(exitCode, stderr).toBe(3);
  const report = reportSchema.parse(JSON.parse(stdout));
  const codes = Object.fromEntries(BAD.map(([name, code]) => [name, code]));
  expect(errorsOf(report)).toEqual({ [good]: undefined, ...codes });
  expect(report.fixtures[0]?.results[good]?.programs['pass']?.verdict).toBe('accept');
  for (const [name, , message] of BAD) {
    const line = stderr.split('\n').find(text => text.startsWith(`error: ${name}: `));
    expect(line, stderr).toMatch(message);
  }
  expect(await sandbox.leftovers()).toEqual([]);
});

/** A fixture whose scenario waits for longer than any test. */
async function writeWaiting(sandbox: Sandbox): Promise<void> {
  await sandbox.write('b-waits.bpf.c', smallFixture('waits'));
  const steps = Array.from({ length: 60 }, () => ({ trigger: { sleep: 10_000 } }));
  await sandbox.write('b-waits.scenario.json', JSON.stringify({ stepTimeout: 60, steps }));
}

/** Starts a run over ssh that has answered one fixture, and waits in the scenario of the next. */
async function startWaiting(sandbox: Sandbox, ssh: LoopbackSsh) {
  await configure(sandbox, { 'linux@loopback': loopback(ssh.config) });
  for (const name of ['a', 'c']) await sandbox.write(`${name}.bpf.c`, smallFixture(name));
  await writeWaiting(sandbox);
  const running = sandbox.start([
    ...['run', 'a.bpf.c', 'b-waits.bpf.c', 'c.bpf.c', '-t', 'linux@loopback', '-j', '1'],
    ...['--reporter', 'dot', '--reporter', 'json=report.json'],
  ]);
  let early: string | undefined;
  void running.ended.then(({ stderr }) => {
    early = stderr;
  });
  await until(() => early !== undefined || running.said().includes('·') || undefined);
  expect(early).toBeUndefined();
  return running;
}

/** The processes of agents that ran in a server's sessions are gone, soon. */
async function expectNoAgents(ssh: LoopbackSsh): Promise<void> {
  await until(async () => ((await findProcesses(ssh.cache)).length === 0 ? true : undefined));
}

describe('in the middle of a run', () => {
  test('a connection that is cut: that fixture has no answer, the next one has', async () => {
    await using ssh = await openLoopbackSsh();
    await using sandbox = await openSandbox();
    const running = await startWaiting(sandbox, ssh);
    const all = await findProcesses('ControlMaster=yes');
    const masters = all.filter(({ command }) => command.includes(sandbox.temporary));
    expect(masters).toHaveLength(1);
    for (const { pid } of masters) process.kill(pid, 'SIGKILL');
    const { exitCode, stderr } = await running.ended;
    expect(exitCode, stderr).toBe(3);
    const report = reportSchema.parse(
      JSON.parse(await readFile(path.join(sandbox.folder, 'report.json'), 'utf8')),
    );
    const results = Object.fromEntries(
      report.fixtures.map(({ id, results: { 'linux@loopback': result } }) => [id, result]),
    );
    expect(results).toMatchObject({
      a: { status: 'ran' },
      'b-waits': { status: 'infra', error: { code: 'INFRA_SSH_LOST' } },
      c: { status: 'ran' },
    });
    await expectNoAgents(ssh);
    expect(await sandbox.leftovers()).toEqual([]);
  });

  test.for(['SIGINT', 'SIGKILL'] as const)('%s: nothing is left, here or there', async signal => {
    await using ssh = await openLoopbackSsh();
    await using sandbox = await openSandbox();
    const running = await startWaiting(sandbox, ssh);
    expect(await findProcesses(ssh.cache)).not.toEqual([]);
    process.kill(-running.pid, signal);
    await running.ended;
    await expectNoAgents(ssh);
    const left = await sandbox.leftovers();
    // Who is killed cannot remove what it was writing to.
    expect(left.filter(each => each.startsWith('process'))).toEqual([]);
    if (signal === 'SIGINT') expect(left).toEqual([]);
  });
});
