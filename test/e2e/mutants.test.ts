import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reportSchema } from '../../harness/report/report-schema.ts';
import { openSandbox, PACKAGE_ROOT } from '../support/command-line.ts';
import { copyWarmCache, SERIES } from '../support/kernel-cache.ts';
import { mutate } from '../support/mutants.ts';
import { findProcesses } from '../support/processes.ts';
import { seeded } from '../support/seeded.ts';
import { compileProgram } from '../support/stage.ts';

/** `CROSSBPF_MUTANTS` makes more of them, `CROSSBPF_SEED` others. */
const COUNT = Number(process.env['CROSSBPF_MUTANTS'] ?? 120);
const SEED = Number(process.env['CROSSBPF_SEED'] ?? 1);
const LARGEST_BYTES = 1 << 30;
/** Of a process that reads objects, not of the whole command. */
const LONGEST_SECONDS = 10;
/** Fixtures with maps of maps, kfuncs, callbacks, CO-RE, variables, struct_ops, program arrays. */
const SOURCES = [
  ...['map-of-maps', 'kfunc-task', 'global-functions', 'relocated-accesses', 'global-variables'],
  ...['sched-ext', 'tail-call-chain', 'loop-helper', 'ring-buffer', 'kprobe'],
];

const sandbox = await openSandbox();
const names: string[] = [];

beforeAll(async () => {
  await copyWarmCache(sandbox.cacheRoot);
  const random = seeded(SEED);
  const files = SOURCES.map(name => path.join(PACKAGE_ROOT, 'fixtures', `${name}.bpf.c`));
  const objects = await Promise.all(files.map(file => compileProgram(file)));
  for (let index = 0; index < COUNT; index++) {
    const name = `m${String(index).padStart(5, '0')}`;
    const object = objects[index % objects.length] as Buffer;
    await sandbox.write(`mutants/${name}.o`, mutate(object, random));
    names.push(name);
  }
});
afterAll(() => sandbox[Symbol.asyncDispose]());

/** Runs a command line, and looks at all processes of it meanwhile. */
async function watched(args: readonly string[]) {
  const running = sandbox.start(args);
  const large = new Map<string, number>();
  const since = new Map<number, number>();
  const slow = new Set<string>();
  const look = async () => {
    for (const { pid, command } of await findProcesses(sandbox.folder)) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      const bytes = 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0);
      if (bytes > LARGEST_BYTES) large.set(command, bytes);
      const first = since.get(pid) ?? Date.now();
      since.set(pid, first);
      const isReader = / inspect /.test(command);
      if (isReader && Date.now() - first > LONGEST_SECONDS * 1000) slow.add(command);
    }
  };
  const timer = setInterval(() => void look(), 500);
  const ended = await running.ended;
  clearInterval(timer);
  expect({ large: [...large], slow: [...slow] }).toEqual({ large: [], slow: [] });
  expect(ended.stderr + ended.stdout).not.toMatch(
    /goroutine \d|^panic: |this is a bug|\n\s+at .*:\d+:\d+\)?\n/,
  );
  return ended;
}

test('damaged objects, all in one run: each has an answer, and nothing crashes', async () => {
  const args = ['run', ...names.map(name => `mutants/${name}.o`), '-t', `linux@${SERIES}`];
  const { stdout, exitCode } = await watched([...args, '--reporter', 'json']);
  const report = reportSchema.parse(JSON.parse(stdout));
  expect(report.fixtures.map(({ id }) => id).sort()).toEqual(names);
  const broken = report.fixtures.filter(({ error }) => error !== undefined);
  expect(broken.length).toBeGreaterThan(COUNT / 10);
  expect(report.fixtures.length - broken.length).toBeGreaterThan(COUNT / 10);
  for (const { id, error, results } of report.fixtures) {
    if (error === undefined) expect(Object.keys(results), id).toHaveLength(1);
  }
  const lost = report.fixtures.filter(({ results }) =>
    Object.values(results).some(({ status }) => status === 'infra'),
  );
  expect(exitCode).toBe(lost.length > 0 && broken.length === 0 ? 3 : 2);
  expect(lost.map(({ id }) => id)).toEqual([]);
});

test('damaged objects, all in one check', async () => {
  const args = ['check', ...names.map(name => `mutants/${name}.o`), '--json', '-t', 'linux@6.1'];
  const { stdout, exitCode } = await watched(args);
  const { objects } = JSON.parse(stdout);
  expect(objects).toHaveLength(COUNT);
  expect(exitCode).toBe(2);
  expect(await readdir(sandbox.temporary)).toEqual([]);
});
