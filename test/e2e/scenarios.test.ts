import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Report, reportSchema } from '../../harness/report/report-schema.ts';
import { openSandbox } from '../support/command-line.ts';
import { copyWarmCache, SERIES } from '../support/kernel-cache.ts';

const TARGET = `linux@${SERIES}`;
const sandbox = await openSandbox();
beforeAll(() => copyWarmCache(sandbox.cacheRoot));
afterAll(() => sandbox[Symbol.asyncDispose]());

const COUNT = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} limits SEC(".maps");

__u64 seen;

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = 53;
	__u64 *limit = bpf_map_lookup_elem(&limits, &key);

	seen++;
	return limit && seen > *limit ? XDP_DROP : XDP_PASS;
}
`;

const SCENARIO = `import { defineScenario } from 'crossbpf';

export default defineScenario({
  maps: { limits: [{ key: 53, value: 2 }] },
  steps: [
    { run: 'count', repeat: 2, expect: { retval: 'XDP_PASS' } },
    { run: 'count', name: 'third packet', expect: { retval: 'XDP_DROP' } },
  ],
  expect: [{ variables: { seen: 3 } }],
});
`;

/** Runs one fixture with its scenario, and gives what the user sees and the report. */
async function run(name: string, source: string, scenario: string, args: readonly string[] = []) {
  await sandbox.write(`${name}/${name}.bpf.c`, source);
  await sandbox.write(`${name}/${name}.scenario.ts`, scenario);
  return runFolder(name, args);
}

async function runFolder(name: string, args: readonly string[] = []) {
  const json = `json=${name}/report.json`;
  const reporters = ['--reporter', 'matrix', '--reporter', json];
  const ended = await sandbox.run(['run', name, '-t', TARGET, ...reporters, ...args]);
  const text = await sandbox.execute(['cat', `${name}/report.json`]);
  const report: Report = reportSchema.parse(JSON.parse(text.stdout));
  return { ...ended, report };
}

function stepsOf(report: Report, fixture: string) {
  const result = report.fixtures.find(({ id }) => id === fixture)?.results[TARGET];
  if (result?.status !== 'ran') throw new Error(`${fixture} did not run`);
  return result;
}

test('a scenario that holds: exit code 0, and what came of it is in the report', async () => {
  const { stdout, stderr, exitCode, report } = await run('count', COUNT, SCENARIO);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  expect(stdout).toContain('1 accepted · no difference');
  const { steps, maps } = stepsOf(report, 'count');
  expect(steps).toMatchObject([
    { name: 'run count', status: 'ok', retval: 2, retvalName: 'XDP_PASS' },
    { name: 'third packet', status: 'ok', retval: 1, retvalName: 'XDP_DROP' },
  ]);
  expect(maps).toEqual({
    '.bss': { kind: 'entries', entries: [{ key: null, value: { seen: 3 } }] },
    limits: { kind: 'entries', entries: [{ key: 53, value: 2 }] },
  });
});

test.for<[string, string, string, string]>([
  [
    'an expectation',
    COUNT,
    SCENARIO.replace('XDP_PASS', 'XDP_TX'),
    `✗ edited › step run count: expected return value XDP_TX, got XDP_PASS on ${SERIES}; declared at edited/edited.scenario.ts:6 (steps[0].expect.retval)`,
  ],
  [
    'a seed',
    COUNT,
    SCENARIO.replace('value: 2', 'value: 3'),
    `✗ edited › step third packet: expected return value XDP_DROP, got XDP_PASS on ${SERIES}; declared at edited/edited.scenario.ts:7 (steps[1].expect.retval)`,
  ],
  [
    'a line of C',
    COUNT.replace('seen++', 'seen += 2'),
    SCENARIO,
    `✗ edited › variable seen: expected 3, got 6 on ${SERIES}; declared at edited/edited.scenario.ts:9 (expect.variables.seen)`,
  ],
])('edit %s, and it is said what is not so any more, and where', async ([, source, text, line]) => {
  const { stdout, exitCode } = await run('edited', source, text);
  expect(stdout).toContain(`\n${line}\n`);
  expect(exitCode).toBe(1);
});

test('a real event: a program on a tracepoint counts what a trigger does', async () => {
  const source = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
__u64 executed;
SEC("tracepoint/sched/sched_process_exec") int on_exec(void *ctx)
{
	__sync_fetch_and_add(&executed, 1);
	return 0;
}
char _license[] SEC("license") = "GPL";
`;
  const scenario = `export default {
  steps: [{ trigger: { exec: true } }, { attach: 'on_exec' }, { trigger: { exec: true } },
    { trigger: { exec: true } }, { detach: 'on_exec' }, { trigger: { exec: true } }],
  expect: { variables: { executed: 2 } },
};
`;
  const { stdout, exitCode } = await run('exec', source, scenario);
  expect(stdout).toContain('1 accepted · no difference');
  expect(exitCode).toBe(0);
});

test('a trigger that never returns is a failed step that names the limit; the next steps are carried out', async () => {
  const program = path.join(sandbox.folder, 'hangs.c');
  await writeFile(program, '#include <unistd.h>\nint main(void) { for (;;) pause(); }\n');
  await sandbox.write('hang/.keep', '');
  await execa('cc', ['-static', program, '-o', path.join(sandbox.folder, 'hang/hangs')]);
  const scenario = `export default {
  stepTimeout: 0.5,
  steps: [{ trigger: { run: './hangs' } }, { run: 'count', expect: { retval: 'XDP_PASS' } }],
};
`;
  const { stdout, exitCode, report } = await run('hang', COUNT, scenario);
  expect(stdout).toMatch(/✗ hang › step trigger run \.\/hangs: .*did not end in the 500ms that a/);
  expect(exitCode).toBe(1);
  expect(stepsOf(report, 'hang').steps.map(({ status }) => status)).toEqual(['failed', 'ok']);
});

test('a program that runs too long is a failed step, or the end of that guest alone', async () => {
  const repeated = `export default {
  stepTimeout: 0.5,
  steps: [{ run: 'count', repeat: 1_000_000_000 }],
};
`;
  const loop = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
__u64 turns;
static long inner(__u32 index, void *context) { turns++; return 0; }
static long outer(__u32 index, void *context) { return bpf_loop(1 << 23, inner, 0, 0), 0; }
SEC("xdp") int spin(struct xdp_md *ctx) { bpf_loop(1 << 20, outer, 0, 0); return XDP_PASS; }
char _license[] SEC("license") = "GPL";
`;
  await sandbox.write('long/a-repeated.bpf.c', COUNT);
  await sandbox.write('long/a-repeated.scenario.ts', repeated);
  await sandbox.write('long/b-loop.bpf.c', loop);
  await sandbox.write('long/b-loop.scenario.ts', "export default { steps: [{ run: 'spin' }] };");
  await sandbox.write('long/count.bpf.c', COUNT);
  await sandbox.write('long/count.scenario.ts', SCENARIO);
  const { stdout, exitCode, report } = await runFolder('long', ['--timeout', '15']);
  expect(stdout).toMatch(/a-repeated › step run count: .*longer than the 500ms that a step may/);
  expect(stdout).toContain(
    `! ${TARGET}: b-loop: no answer in 15 s before the end of step run spin; `,
  );
  expect(exitCode).toBe(3);
  expect(stepsOf(report, 'count').steps.map(({ status }) => status)).toEqual(['ok', 'ok']);
});

test('a map that is too large to read is told, and keeps nothing else from being read', async () => {
  const source = COUNT.replace('MAP_TYPE_HASH', 'MAP_TYPE_ARRAY').replace('8', '100000');
  const { exitCode, report } = await run('large', source, SCENARIO);
  expect(exitCode).toBe(0);
  expect(stepsOf(report, 'large').maps).toMatchObject({
    limits: { kind: 'unreadable', message: expect.stringContaining('100000 entries, more than') },
    '.bss': { kind: 'entries' },
  });
});

test('nothing is left behind', async () => {
  expect(await sandbox.leftovers()).toEqual([]);
});
