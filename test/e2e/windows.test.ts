import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Report, reportSchema } from '../../harness/report/report-schema.ts';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import {
  BIN,
  type Ended,
  openSandbox,
  PACKAGE_ROOT,
  type Sandbox,
} from '../support/command-line.ts';
import { copyKernel, fetchKernel, SERIES } from '../support/kernel-cache.ts';
import type { LoopbackSsh } from '../support/loopback-ssh.ts';
import { findProcesses, until } from '../support/processes.ts';
import { compileProgram } from '../support/stage.ts';
import { buildStandIn, type StandIn } from '../windows/stand-in.ts';
import {
  openWindowsSandbox,
  overStdio,
  windowsSsh,
  writeMachines,
  writeXdp,
} from '../windows/windows-sandbox.ts';
import { hasWine, openWindowsSsh, openWine, type Wine } from '../windows/wine.ts';

/** Programs that the verifier of eBPF for Windows rejects as well, in its words. */
const REJECTED = [
  ['one_word_more', 'Lower bound must be at least r10.stack_offset - subprogram_stack_size'],
  ['unchecked', 'Possible null access (valid_access(r0.offset, width=8) for read)'],
] as const;

/** In the stand-in programs are attached to nothing, and there are no perf buffers. */
const NOT_PLAYED: ReadonlySet<string> = new Set([
  ...['cgroup-redirect.bpf.c', 'perf-buffer-output.bpf.c'],
]);

/** Why programs of the suite are only verified. */
const NOT_LOADED = ['one_word_more', 'refuse_unix', 'unchecked'].map(
  name => `objects are converted to native images as a whole, and ${name} is not accepted`,
);

const LINUX = `linux@${SERIES}`;
/** As the command line of one that runs there has it. */
const AGENT = 'AppData\\Local\\crossbpf\\agent-';
const STAND_IN = 'stand-in for eBPF for Windows';

function reportOf({ stdout, stderr }: Ended): Report {
  if (stdout === '') expect.fail(stderr);
  return reportSchema.parse(JSON.parse(stdout));
}

/** What a fixture's only program said on each target. */
function answers({ fixtures }: Report, id: string) {
  const results = fixtures.find(fixture => fixture.id === id)?.results ?? {};
  return Object.fromEntries(
    Object.entries(results).map(([target, result]) => {
      if (result.status !== 'ran') {
        return [target, result.status === 'infra' ? result.error.code : result.reason];
      }
      const [program] = Object.values(result.programs);
      const value = result.steps[0]?.retvalName;
      return [target, [program?.verdict, program?.origin, value]];
    }),
  );
}

describe.skipIf(!hasWine)('the agent for Windows in Wine, with the stand-in', () => {
  let wine: Wine;
  let standIn: StandIn;
  let ssh: LoopbackSsh;
  beforeAll(async () => {
    wine = await openWine();
    [standIn] = await Promise.all([buildStandIn(wine), fetchKernel()]);
    ssh = await openWindowsSsh(wine, standIn.environment);
  });
  afterAll(async () => {
    await ssh?.[Symbol.asyncDispose]();
    await wine?.[Symbol.asyncDispose]();
  });
  beforeEach(() => standIn.plan());

  const run = (sandbox: Sandbox, args: readonly string[]) =>
    sandbox.run(['run', ...args], standIn.environment);

  test('Linux and Windows in one matrix, over stdio and over ssh', async () => {
    await using sandbox = await openWindowsSandbox({
      'windows@stand-in': overStdio(wine),
      'windows@ssh': windowsSsh(ssh.config),
    });
    await copyKernel(sandbox.cacheRoot);
    await writeXdp(sandbox, 'agrees', 'return XDP_PASS;');
    await writeXdp(sandbox, 'counts', COUNTS);
    await writeXdp(sandbox, 'differs', 'return 1;');
    await writeXdp(sandbox, 'refused', 'return *(__u8 *)(long)ctx->data;');
    await standIn.plan(
      'reject refused Upper bound must be at most packet_size (valid_access(r1.offset, width=1) for read)',
    );
    const targets = [LINUX, 'windows@stand-in', 'windows@ssh'].flatMap(name => ['-t', name]);
    const ended = await run(sandbox, [
      ...['agrees.bpf.c', 'counts.bpf.c', 'differs.bpf.c', 'refused.bpf.c', ...targets],
      ...['--reporter', 'json', '--reporter', 'matrix=matrix.txt'],
    ]);
    expect(ended.exitCode, ended.stderr).toBe(1);
    const report = reportOf(ended);
    const everywhere = (linux: unknown, windows: unknown) => ({
      ...{ [LINUX]: linux, 'windows@stand-in': windows, 'windows@ssh': windows },
    });
    const ran = (origin: string, value: string) => ['accept', origin, value];
    const [kernel, native] = ['kernel', 'native'];
    const pass = everywhere(ran(kernel, 'XDP_PASS'), ran(native, 'XDP_PASS'));
    expect(answers(report, 'agrees')).toEqual(pass);
    expect(answers(report, 'counts')).toEqual(pass);
    expect(answers(report, 'differs')).toEqual(
      everywhere(ran(kernel, 'XDP_DROP'), ran(native, 'XDP_PASS')),
    );
    const rejected = (origin: string) => ['reject', origin, null];
    expect(answers(report, 'refused')).toEqual(everywhere(rejected(kernel), rejected('verifier')));
    const unexpected = report.divergences.filter(({ expected }) => !expected);
    expect(unexpected.map(({ fixture, subject }) => [fixture, subject])).toEqual([
      ['differs', 'step run differs'],
    ]);
    expect(report.targets.map(({ id, mode, runtime }) => [id, mode, runtime])).toEqual([
      [LINUX, 'vm', null],
      ['windows@stand-in', 'remote', { name: STAND_IN, version: '1.5.0' }],
      ['windows@ssh', 'remote', { name: STAND_IN, version: '1.5.0' }],
    ]);
    const seen = report.fixtures.find(({ id }) => id === 'counts')?.results ?? {};
    const maps = Object.values(seen).map(result => result.status === 'ran' && result.maps['seen']);
    expect(maps).toEqual(Array(3).fill({ kind: 'entries', entries: [{ key: 7, value: 40 }] }));
    const matrix = await readFile(path.join(sandbox.folder, 'matrix.txt'), 'utf8');
    expect(matrix.split('\n').filter(line => line.includes(STAND_IN))).toEqual([
      expect.stringMatching(new RegExp(`${STAND_IN} +${STAND_IN}`)),
    ]);
    expect(matrix).toContain(
      '≠ differs › step run differs, return value: 6.1: XDP_DROP · windows@stand-in, windows@ssh: XDP_PASS',
    );
    expect(await sandbox.leftovers()).toEqual([]);
  });

  test('what cannot be had is said with its fix, and the other targets complete', async () => {
    const bare = overStdio({ command: ['env', '-u', 'WINEPATH', ...wine.command] });
    await using sandbox = await openWindowsSandbox({
      'windows@stand-in': overStdio(wine),
      'windows@bare': bare,
      'windows@unreachable': { kind: 'windows-ssh', host: 'me@127.0.0.1', port: 9 },
      'windows@stranger': windowsSsh(ssh.strangersConfig),
    });
    await copyKernel(sandbox.cacheRoot);
    await writeXdp(sandbox, 'agrees', 'return XDP_PASS;');
    await writeXdp(sandbox, 'source', 'return XDP_PASS;');
    const object = await compileProgram(path.join(sandbox.folder, 'source.bpf.c'));
    await sandbox.write('for-linux.o', object);
    const names = ['stand-in', 'bare', 'unreachable', 'stranger'].map(name => `windows@${name}`);
    const ended = await run(sandbox, [
      ...['agrees.bpf.c', 'for-linux.o', '--reporter', 'json', '--reporter', 'matrix=matrix.txt'],
      ...[LINUX, ...names].flatMap(name => ['-t', name]),
    ]);
    expect(ended.exitCode, ended.stderr).toBe(3);
    const report = reportOf(ended);
    expect(Object.fromEntries(report.targets.map(({ id, error }) => [id, error?.code]))).toEqual({
      ...{ [LINUX]: undefined, 'windows@stand-in': undefined },
      'windows@bare': 'INFRA_TARGET_NOT_READY',
      'windows@unreachable': 'INFRA_SSH_UNREACHABLE',
      'windows@stranger': 'INFRA_SSH_DENIED',
    });
    expect(answers(report, 'agrees')).toMatchObject({
      [LINUX]: ['accept', 'kernel', 'XDP_PASS'],
      'windows@stand-in': ['accept', 'native', 'XDP_PASS'],
    });
    expect(answers(report, 'for-linux')).toMatchObject({
      [LINUX]: ['accept', 'kernel', undefined],
      'windows@stand-in': 'USAGE_WRONG_PLATFORM',
    });
    expect(ended.stderr).toMatch(
      /windows@bare: eBPF for Windows is not installed: .* Install eBPF for Windows/,
    );
    expect(await readFile(path.join(sandbox.folder, 'matrix.txt'), 'utf8')).toMatch(
      /windows@stand-in: for-linux: the object is for Linux, not for eBPF for Windows\. Compile it for/,
    );
    expect(await sandbox.leftovers()).toEqual([]);
  });

  test('the portable suite on the stand-in, as far as it declares what Windows does', async () => {
    await using sandbox = await openSandbox(cacheRoot(process.env));
    const config = await writeMachines(sandbox, { 'windows@stand-in': overStdio(wine) });
    await standIn.plan(...REJECTED.map(([program, why]) => `reject ${program} ${why}`));
    const all = (await readdir(path.join(PACKAGE_ROOT, 'fixtures')))
      .filter(name => name.endsWith('.bpf.c') && !NOT_PLAYED.has(name))
      .map(name => `fixtures/${name}`);
    const ended = await sandbox.execute(
      [
        ...(['env', '-C', PACKAGE_ROOT, process.execPath, BIN, 'run', ...all] as const),
        ...['--config', config, '-t', 'windows@stand-in', '--reporter', 'json'],
      ],
      standIn.environment,
    );
    const report = reportOf(ended);
    expect(report.failedExpectations).toEqual([]);
    expect(report.divergences.filter(({ expected }) => !expected)).toEqual([]);
    expect(ended.exitCode, ended.stderr).toBe(0);
    const programs = report.fixtures.flatMap(({ results }) =>
      Object.values(results['windows@stand-in']?.programs ?? {}),
    );
    const native = programs.filter(({ origin }) => origin === 'native');
    expect(native.length).toBeGreaterThan(170);
    const why = programs.flatMap(({ notLoaded }) => notLoaded ?? []);
    expect(new Set(why)).toEqual(new Set(NOT_LOADED));
  });

  test('a connection that is cut: that fixture has no answer, the next one has', async () => {
    await using sandbox = await openWindowsSandbox({ 'windows@ssh': windowsSsh(ssh.config) });
    for (const name of ['a', 'b', 'c']) await writeXdp(sandbox, name, 'return XDP_PASS;');
    const steps = Array.from({ length: 60 }, () => ({ trigger: { sleep: 10_000 } }));
    await sandbox.write('b.scenario.json', JSON.stringify({ stepTimeout: 60, steps }));
    const running = sandbox.start(
      [
        ...['run', 'a.bpf.c', 'b.bpf.c', 'c.bpf.c', '-t', 'windows@ssh', '-j', '1'],
        ...['--reporter', 'dot', '--reporter', 'json=report.json'],
      ],
      standIn.environment,
    );
    await until(() => running.said().includes('·') || undefined);
    const agents = () => findProcesses(AGENT);
    expect(await agents()).not.toEqual([]);
    const masters = await findProcesses('ControlMaster=yes');
    const own = masters.filter(({ command }) => command.includes(sandbox.temporary));
    for (const { pid } of own) process.kill(pid, 'SIGKILL');
    const { exitCode, stderr } = await running.ended;
    expect(exitCode, stderr).toBe(3);
    const text = await readFile(path.join(sandbox.folder, 'report.json'), 'utf8');
    const ran = ['accept', 'native', 'XDP_PASS'];
    const report = reportSchema.parse(JSON.parse(text));
    expect(['a', 'b', 'c'].map(id => answers(report, id)['windows@ssh'])).toEqual([
      ...[ran, 'INFRA_SSH_LOST', ran],
    ]);
    await until(async () => (await agents()).length === 0 || undefined);
    expect(await sandbox.leftovers()).toEqual([]);
  });
});

/** Keeps the packet's length in a map. */
const COUNTS = `__u32 key = 7; __u64 length = (long)ctx->data_end - (long)ctx->data;
	bpf_map_update_elem(&seen, &key, &length, BPF_ANY); return XDP_PASS;`;
