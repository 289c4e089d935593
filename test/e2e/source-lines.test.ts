import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { findCompiler } from '../../harness/fixtures/find-compiler.ts';
import { type Report, type ReportedProgram, runFixtures } from '../../harness/index.ts';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import { openSandbox, PACKAGE_ROOT } from '../support/command-line.ts';

const TARGETS = ['linux@5.10', 'linux@6.1', 'linux@6.12', 'linux@6.18', 'linux@7'];

/** Programs that every kernel rejects at the line which a comment in their source marks. */
const MARKED: readonly (readonly [fixture: string, program: string])[] = [
  ['constant-key-lookup', 'beyond_the_end'],
  ['division', 'by_zero_constant'],
  ['infinite-loop', 'wait_for_flag'],
  ['map-in-map', 'unchecked_inner'],
  ['null-check', 'unchecked'],
  ['packet-bounds', 'unchecked'],
  ['ring-buffer', 'leaked'],
  ['socket-filter', 'direct_access'],
  ['spin-lock', 'unlock_forgotten'],
  ['stack-bounds', 'below_the_frame'],
  ['tracepoint', 'beyond_the_record'],
  ['functions', 'in_function'],
  ['functions', 'in_global_function'],
  ['functions', 'in_header'],
  ['functions', 'beyond_the_end'],
  ['functions', 'after_branches'],
];

const OWN = 'test/e2e/source-lines/functions.bpf.c';
const HEADER = 'test/e2e/source-lines/include/checks.h';

/** In which function a program is rejected, where that is not the program itself. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  in_function: 'unchecked',
  in_global_function: 'slot_of',
};

let report: Report;

beforeAll(async () => {
  const existing = MARKED.map(([fixture]) => fileOf(fixture));
  const fixtures = [...new Set(existing)];
  // The configuration of the repository would do, but for a guest for each fixture.
  await using sandbox = await openSandbox(cacheRoot(process.env));
  const config = await sandbox.write(
    'crossbpf.config.mjs',
    `export default { isolation: 'target' };`,
  );
  report = await runFixtures({ fixtures, targets: TARGETS, config });
});

function fileOf(fixture: string): string {
  return fixture === 'functions' ? OWN : `fixtures/${fixture}.bpf.c`;
}

function answerOn(target: string, fixture: string, program: string): ReportedProgram {
  const results = report.fixtures.find(({ id }) => id === fixture)?.results;
  const answer = results?.[target]?.programs[program];
  if (answer === undefined) throw new Error(`${fixture}: ${target} did not answer for ${program}`);
  return answer;
}

/** The line that a comment marks: `// rejected here`, with the program's name where there are several. */
async function markedLine(fixture: string, program: string) {
  for (const file of fixture === 'functions' ? [OWN, HEADER] : [fileOf(fixture)]) {
    const lines = (await readFile(path.join(PACKAGE_ROOT, file), 'utf8')).split('\n');
    const marker = fixture === 'functions' ? `// rejected here: ${program}` : '// rejected here';
    const at = lines.findIndex(line => line.endsWith(marker));
    if (at >= 0) return { file, line: at + 1, text: lines[at] };
  }
  throw new Error(`no line of ${fixture} is marked for ${program}`);
}

describe.each(TARGETS)('%s', target => {
  test.each(MARKED)('%s › %s is rejected at the line that is marked', async (fixture, program) => {
    const { verdict, source } = answerOn(target, fixture, program);
    expect(verdict).toBe('reject');
    expect(source?.at).toMatchObject(await markedLine(fixture, program));
    expect(source?.function).toBe(FUNCTIONS[program] ?? program);
    const { text = '', column = 0 } = source?.at ?? {};
    expect(text.slice(column - 1)).toMatch(/^\S/);
  });

  test('the kernel’s own source lines are the same', () => {
    const compared = MARKED.flatMap(([fixture, program]) => {
      const { log, source } = answerOn(target, fixture, program);
      const said = kernelLine(log, source?.insn ?? -1);
      if (said === undefined) return [];
      const { file = '', line, text = '' } = source?.at ?? {};
      const place = said.place === undefined ? undefined : `${path.basename(file)}:${line}`;
      return [{ said, ours: { text: text.trim(), place } }];
    });
    expect(compared.map(({ ours }) => ours)).toEqual(compared.map(({ said }) => said));
    expect(compared.length).toBeGreaterThan(8);
  });

  test('the last steps end with the instruction, and tell of registers', () => {
    const { source } = answerOn(target, 'functions', 'in_function');
    const steps = source?.steps ?? [];
    expect(steps.length).toBeGreaterThanOrEqual(5);
    expect(steps.at(-1)).toMatchObject({ insn: source?.insn, text: 'r0 = *(u64 *)(r0 +0)' });
    const states = steps.map(({ state }) => state['R0']);
    expect(states.join()).toContain('map_value_or_null');
  });

  test('of the way to an error after branches, only what is on it is shown', () => {
    const { source } = answerOn(target, 'functions', 'after_branches');
    const calls = source?.steps.flatMap(({ text }) => (text.startsWith('call') ? [text] : []));
    expect(calls?.at(-1)).toBe('call bpf_map_delete_elem#3');
    expect(source?.steps.map(({ text }) => text)).not.toContain('exit');
    const states = source?.steps.map(({ state }) => state['R6']) ?? [];
    expect(states.join()).toContain('map_value_or_null');
  });

  test('where no one instruction is at fault, none is named', () => {
    const { reason, source } = answerOn(target, 'functions', 'too_deep');
    expect(reason).toMatch(/^combined stack size of 2 calls is \d+/);
    expect(source).toBeNull();
  });
});

/**
 * What the kernel prints right before an instruction, `; return *v; @ a.bpf.c:12`. It prints a line once for all
 * instructions that follow each other; where it took back what it had printed, that line is missing.
 */
function kernelLine(log: string, insn: number) {
  const lines = log.split('\n');
  const at = lines.findLastIndex(line => line.startsWith(`${insn}: (`));
  const [, text, place] = /^; (.*?)(?: @ (\S+:\d+))?$/.exec(lines[at - 1] ?? '') ?? [];
  return text === undefined ? undefined : { text: text.trim(), place };
}

test('since 7.3 the kernel’s report names the same place', () => {
  const reported = MARKED.flatMap(([fixture, program]) => {
    const { log, source } = answerOn('linux@7', fixture, program);
    const place = /\nAt:\n {2}(\S+) @ (\S+:\d+:\d+)\n/.exec(log)?.slice(1).join(' ');
    const { file = '', line, column } = source?.at ?? {};
    const ours = `${source?.function} ${path.basename(file)}:${line}:${column}`;
    return place === undefined ? [] : [{ place, ours }];
  });
  expect(reported.map(({ ours }) => ours)).toEqual(reported.map(({ place }) => place));
  expect(reported.length).toBeGreaterThan(5);
});

describe('an object that was compiled elsewhere', () => {
  async function runObject(flags: readonly string[]) {
    await using sandbox = await openSandbox(cacheRoot(process.env));
    const { command } = await findCompiler({ environment: process.env });
    const include = ['-I', 'test/e2e/source-lines/include', '-idirafter', MULTIARCH];
    const common = ['-target', 'bpf', '-O2', ...include, ...flags];
    const object = path.join(sandbox.folder, 'functions.o');
    const input = await sandbox.write('elsewhere/plain.c', PLAIN);
    const source = flags.includes('-g') ? path.join(PACKAGE_ROOT, OWN) : input;
    await execa(command, [...common, '-c', source, '-o', object], { cwd: PACKAGE_ROOT });
    const json = path.join(sandbox.folder, 'report.json');
    const args = ['run', object, '-t', 'linux@6.12', '--reporter', `json=${json}`];
    const { exitCode, stderr } = await sandbox.run(args);
    // Rejected programs that nothing declares.
    expect(exitCode, stderr).toBe(1);
    const { fixtures } = JSON.parse(await readFile(json, 'utf8')) as Report;
    return fixtures[0]?.results['linux@6.12']?.programs;
  }

  test('has the names of files that it was compiled from', async () => {
    const programs = await runObject(['-g']);
    const { file, line, text } = await markedLine('functions', 'in_function');
    const at = { file: path.join(PACKAGE_ROOT, file), line, text };
    expect(programs?.['in_function']?.source).toMatchObject({ function: 'unchecked', at });
  });

  test('may have no lines: then the instruction and the steps are all there is', async () => {
    const programs = await runObject([]);
    expect(programs?.['plain']).toMatchObject({
      verdict: 'reject',
      source: { insn: 1, function: 'plain', at: null, steps: [{ insn: 0 }, { insn: 1 }] },
    });
  });
});

const MULTIARCH = '/usr/include/x86_64-linux-gnu';

const PLAIN = `struct context { unsigned length; };
__attribute__((section("socket"))) int plain(struct context *ctx)
{
	return *(volatile int *)(long)ctx->length;
}
`;

test('the matrix shows where an unexpected rejection is', async () => {
  await using sandbox = await openSandbox(cacheRoot(process.env));
  const source = await readFile(path.join(PACKAGE_ROOT, 'fixtures/null-check.bpf.c'), 'utf8');
  const wrong = source.replace('expect unchecked reject', 'expect unchecked accept');
  await sandbox.write('null-check.bpf.c', wrong);
  const targets = ['-t', 'linux@5.10', '-t', 'linux@6.12'];
  const { stdout, stderr, exitCode } = await sandbox.run([
    ...['run', 'null-check.bpf.c', ...targets],
  ]);
  expect(exitCode, stderr).toBe(1);
  expect(stdout).toMatch(
    /✗ null-check › unchecked, rejected everywhere: R0 invalid mem access 'map_value_or_null'\n {4}null-check\.bpf\.c:35:2 {2}in function unchecked\n {4}35 \| __sync_fetch_and_add\(packets, 1\); \/\/ rejected here\n {7}\| \^\n/,
  );
  expect(stdout).toMatch(
    /call bpf_map_lookup_elem#1 +R0=map_value_or_null\(id=1,.*\n.*r1 = 1 .*\n {2}> 8 {2}lock /,
  );
  expect(stdout.match(/null-check\.bpf\.c:35:2/g)).toHaveLength(1);
});
