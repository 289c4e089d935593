import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runBounded } from '../../harness/agent/bounded-agent.ts';
import { createInspector } from '../../harness/agent/inspect-object.ts';
import { examineObjects } from '../../harness/portability/examine.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { POINTER_SOURCE, withPointers } from '../support/breaking-objects.ts';
import { PACKAGE_ROOT } from '../support/command-line.ts';
import { compileProgram } from '../support/stage.ts';

test.each([
  ['sleep 100', 'it takes longer than 1 s to read'],
  ['trap "" TERM; while :; do sleep 1; done', 'it takes longer than 1 s to read'],
  ['kill -KILL $$', 'it takes too much processor time to read'],
  ['kill -SEGV $$', 'it cannot be read: the reader died of it'],
  ['echo "fatal error: runtime: out of memory" >&2; exit 2', 'it takes too much memory to read'],
  [
    'echo "runtime: goroutine stack exceeds 67108864-byte limit" >&2; exit 2',
    'its types are nested too deeply, or refer to themselves',
  ],
  [
    'printf "panic: nil\\n\\ngoroutine 1:\\n" >&2; exit 2',
    'it cannot be read: the reader died of it',
  ],
])('%s: %s', async (script, message) => {
  const start = performance.now();
  const options = { timeoutMs: 1000, signal: undefined };
  expect(await runBounded('bash', ['-c', script], options)).toEqual({ kind: 'exceeded', message });
  // One that ignores SIGTERM is not waited for.
  expect(performance.now() - start).toBeLessThan(4000);
});

test('what the agent itself says of an object is no excess', async () => {
  const script = 'echo "crossbpf-agent: not an ELF file" >&2; exit 2';
  const options = { timeoutMs: 10_000, signal: undefined };
  expect(await runBounded('bash', ['-c', script], options)).toEqual({
    ...{ kind: 'refused', message: 'not an ELF file' },
  });
});

/** An agent that dies of an object called `bad.o`, and answers for others. */
const AGENT = `#!/bin/bash
request=$(cat)
case $request in *bad.o*) echo "fatal error: out of memory" >&2; exit 2;; esac
for object in $(grep -o '[a-z]*[.]o' <<< "$request"); do
  echo '{"object":"'$object'","error":null,"byteOrder":"little","programs":[],"maps":[]}'
done
`;

test('an object that the agent dies of has an answer of its own, and the others have theirs', async () => {
  await using folder = await openTempFolder('package');
  const architecture = { x64: 'amd64', arm64: 'arm64', s390x: 's390x' }[process.arch as 'x64'];
  const agent = path.join(folder.path, `dist/agent/crossbpf-agent-linux-${architecture}`);
  await mkdir(path.dirname(agent), { recursive: true });
  await writeFile(agent, AGENT);
  await chmod(agent, 0o755);
  const examine = (...objects: string[]) =>
    examineObjects({ objects, kernels: [], packageRoot: folder.path });
  expect(await examine('a.o', 'bad.o', 'c.o')).toMatchObject([
    { object: 'a.o', error: null },
    { object: 'bad.o', error: 'it takes too much memory to read' },
    { object: 'c.o', error: null },
  ]);
  expect(await examine('bad.o')).toMatchObject([{ error: 'it takes too much memory to read' }]);
});

/** Looks into an object whose map has a value of so many pointers, each to the next, the last to the first. */
async function inspectCircle(count: number) {
  await using folder = await openTempFolder('circle');
  const file = path.join(folder.path, 'pointers.bpf.c');
  await writeFile(file, POINTER_SOURCE);
  const object = withPointers(await compileProgram(file), count);
  const inspect = createInspector({ packageRoot: PACKAGE_ROOT, cacheRoot: folder.path });
  return await inspect(object, 'x.o');
}

test('a pointer to itself is described as far as it goes', async () => {
  expect((await inspectCircle(1)).programs).toMatchObject([{ name: 'use' }]);
});

test('types that are nested too deeply are an answer of the object', async () => {
  await expect(inspectCircle(300_000)).rejects.toMatchObject({
    code: 'USAGE_BAD_OBJECT',
    message: 'its types are nested too deeply, or refer to themselves',
  });
});
