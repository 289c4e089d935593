import { setTimeout } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { openSandbox, smallFixture } from '../support/command-line.ts';

const sandbox = await openSandbox();
afterAll(() => sandbox[Symbol.asyncDispose]());

const TYPED = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct limits { __u8 low; char name[4]; };
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct limits);
} limits SEC(".maps");
SEC("xdp") int count(struct xdp_md *ctx)
{
	__u32 key = 0;
	return bpf_map_lookup_elem(&limits, &key) ? XDP_DROP : XDP_PASS;
}
`;

/** Runs a fixture in a folder of its own, with files beside it. */
async function run(name: string, files: Readonly<Record<string, string>>) {
  await sandbox.write(`${name}/f.bpf.c`, TYPED);
  for (const [file, text] of Object.entries(files)) await sandbox.write(`${name}/${file}`, text);
  const { stdout, stderr, exitCode } = await sandbox.run(['run', name]);
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
  return stderr;
}

const DEFINE = 'Write export default defineScenario({ … }).';

test.concurrent.for<[string, string, string, string]>([
  [
    'unknown-key',
    'ts',
    "export default {\n  steps: [{ run: 'count', expct: {} }],\n};",
    'f.scenario.ts:2: steps[0].expct: unknown key; did you mean expect?',
  ],
  [
    'unknown-program',
    'mts',
    "export default { steps: [\n  { run: 'cuont' }] };",
    'f.scenario.mts:2: steps[0].run: the object has no program cuont. Did you mean count?',
  ],
  [
    'bad-value',
    'json',
    '{ "maps": {\n  "limits": [\n    { "key": 1, "value": { "low": 300 } }] } }',
    'f.scenario.json:3: maps.limits[0].value.low: 300 does not fit u8 (0 to 255)',
  ],
  [
    'bad-packet',
    'ts',
    "import { packet } from 'crossbpf';\nexport default { steps: [{\n  run: 'count',\n  data: packet.ethernet().ipv4({ src: '10.0.0.300' }) }] };",
    'f.scenario.ts:4: ',
  ],
  [
    'no-default',
    'ts',
    'export const scenario = {};',
    `f.scenario.ts: it has no default export. ${DEFINE}`,
  ],
  ['nothing', 'ts', '', `f.scenario.ts: it has no default export. ${DEFINE}`],
  [
    'promised-fault',
    'ts',
    "export default Promise.resolve({\n  steps: [{ run: 'cuont' }] });",
    'f.scenario.ts: steps[0].run: the object has no program cuont. Did you mean count?',
  ],
  [
    'promise-that-fails',
    'ts',
    "export default Promise.reject(new Error('no luck'));",
    'f.scenario.ts',
  ],
  ['a-map', 'ts', 'export default new Map();', 'f.scenario.ts: it is a Map, not a scenario'],
  [
    'throws',
    'ts',
    "\nthrow new Error('it is\\nraining');\nexport {};",
    'f.scenario.ts:2: it is raining',
  ],
  ['syntax', 'ts', 'export default {\n  steps: [ 1 2 ],\n};', 'f.scenario.ts:2: '],
  [
    'enum',
    'ts',
    'enum Colors { red }\nexport default {};',
    'f.scenario.ts:1: TypeScript enum is not supported in strip-only mode',
  ],
  [
    'json-syntax',
    'json',
    '{\n  "steps": [],\n}',
    'f.scenario.json:3: Expected double-quoted property name in JSON',
  ],
  [
    'no-module',
    'ts',
    "import './nowhere.ts';\nexport default {};",
    "f.scenario.ts: Cannot find module '",
  ],
  ['no-object', 'json', '[]', 'f.scenario.json: expected object, received array'],
])('%s', async ([name, suffix, text, message]) => {
  const stderr = await run(name, { [`f.scenario.${suffix}`]: text });
  expect(stderr).toContain(`error: ${name}/${message}`);
  expect(stderr.split('\n')).toHaveLength(2);
});

test('a fault in a module that the scenario imports is told where it is', async () => {
  const stderr = await run('imported', {
    'f.scenario.ts': "import { ports } from './ports.ts';\nexport default { ports };",
    'ports.ts': "\n\nexport const ports = [];\nthrow new Error('no ports');",
  });
  expect(stderr).toBe('error: imported/ports.ts:4: no ports (imported/f.scenario.ts imports it)\n');
});

test('two scenarios for one fixture', async () => {
  const stderr = await run('two', { 'f.scenario.ts': '', 'f.scenario.json': '{}' });
  expect(stderr).toBe(
    'error: two/f.scenario.ts: there is also f.scenario.json. A fixture has one scenario: remove one of them.\n',
  );
});

test('all that is wrong with a scenario is said at once, in the order of its lines', async () => {
  const stderr = await run('several', {
    'f.scenario.ts': `export default {
  maps: { limits: [{ key: 'x', value: {} }] },
  steps: [{ run: 'count', expect: { retval: 'XDP_PAS' } }, { run: 'cont' }],
  variables: { hits: 1 },
};`,
  });
  expect(stderr.split('\n')).toEqual([
    'error: several/f.scenario.ts: 4 things are wrong in it:',
    '  maps.limits[0].key: expected an integer (u32), got "x" (line 2)',
    '  steps[1].run: the object has no program cont. Did you mean count? (line 3)',
    '  steps[0].expect[0].retval: a program of type xdp does not return XDP_PAS. Did you mean XDP_PASS? (line 3)',
    '  variables.hits: the object has no global variable hits. It has none. (line 4)',
    '',
  ]);
});

test('what is wrong with several fixtures is said of each', async () => {
  await sandbox.write('folder/a.bpf.c', smallFixture('a'));
  await sandbox.write('folder/b.bpf.c', smallFixture('b'));
  await sandbox.write('folder/a.scenario.json', '{ "steps": [{ "run": "b" }] }');
  await sandbox.write('folder/b.scenario.json', '{ "step": [] }');
  const { stderr, exitCode } = await sandbox.run(['run', 'folder']);
  expect(exitCode).toBe(2);
  expect(stderr.split('\n')).toEqual([
    'error: folder/a.scenario.json:1: steps[0].run: the object has no program b. Did you mean a?',
    'error: folder/b.scenario.json:1: step: unknown key; did you mean steps?',
    '',
  ]);
});

test('a scenario whose name is that of no fixture would never be looked at', async () => {
  await sandbox.write('misnamed/count.bpf.c', smallFixture('count'));
  await sandbox.write('misnamed/cuont.scenario.ts', 'export default {};');
  const { stderr, exitCode } = await sandbox.run(['run', 'misnamed']);
  expect({ stderr, exitCode }).toEqual({
    stderr:
      'error: misnamed/cuont.scenario.ts: there is no fixture beside it: no cuont.bpf.c and no cuont.o. Is it for count?\n',
    exitCode: 2,
  });
});

test('a scenario that never ends to be imported', async () => {
  const said = await Promise.all([
    run('waits', { 'f.scenario.ts': 'await new Promise(() => {});\nexport default {};' }),
    run('loops', {
      'f.scenario.ts': 'for (;;);\nexport default {};',
      // It has a thread of its own then.
      'g.bpf.c': smallFixture('g'),
      'g.scenario.ts': 'export default { steps: 1 };',
    }),
  ]);
  const endless = (name: string) =>
    `error: ${name}/f.scenario.ts: its import did not end in 10 s. Does it wait for something, or never end?\n`;
  expect(said[0]).toBe(endless('waits'));
  expect(said[1]).toBe(
    `${endless('loops')}error: loops/g.scenario.ts:1: steps: expected array, received number\n`,
  );
});

test('Ctrl-C ends a scenario that never ends', async () => {
  await sandbox.write('endless/f.bpf.c', TYPED);
  await sandbox.write('endless/f.scenario.ts', 'console.log("it is read");\nfor (;;);');
  const running = sandbox.start(['run', 'endless']);
  while (!running.said().includes('it is read')) await setTimeout(50);
  process.kill(running.pid, 'SIGINT');
  expect(await running.ended).toMatchObject({ exitCode: 130, stdout: '', stderr: 'it is read\n' });
});

test('what a scenario prints is no part of a report', async () => {
  const text = 'console.log("it is read");\nexport default { steps: [{ rn: 1 }] };';
  const stderr = await run('prints', { 'f.scenario.ts': text });
  expect(stderr).toContain('it is read\n');
  expect(stderr).toContain('did you mean run?');
});

test('a scenario that ends its process, or has nothing that can be read', async () => {
  const said = await Promise.all([
    run('ends', { 'f.scenario.ts': 'process.exit(0);\nexport default {};' }),
    run('throws', {
      'f.scenario.ts': 'export default { get steps() { throw new Error("no"); } };',
    }),
    run('calls', { 'f.scenario.ts': 'export default { steps: () => [] };' }),
  ]);
  expect(said).toEqual([
    'error: ends/f.scenario.ts: it ends the process that imports it\n',
    'error: throws/f.scenario.ts: no\n',
    'error: calls/f.scenario.ts:1: steps: expected array, received function\n',
  ]);
});

test('nothing is left behind by any of them', async () => {
  expect(await sandbox.leftovers()).toEqual([]);
});
