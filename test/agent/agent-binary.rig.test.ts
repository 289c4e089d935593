import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { locateAgentBinary } from '../../harness/agent/agent-binary.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { makeExecutable } from '../vm/stand-ins/scripted-qemu.ts';

afterEach(() => vi.unstubAllEnvs());

/** Writes as Go does: a folder of its own in GOTMPDIR, and a part of the binary at the place after `-o`. */
const SLOW_GO = `mkdir "$GOTMPDIR/go-build1"; touch "$GOTMPDIR/go-build1/x"
while [ "$1" != -o ]; do shift; done
echo part >"$2"; touch "$STARTED"; exec sleep 60`;

const QUICK_GO = `while [ "$1" != -o ]; do shift; done
echo whole >"$2"; sleep 0.2`;

/** A package with an agent's source and a `go` of ours, in a folder. */
async function preparePackage(root: string, go: string) {
  const at = (name: string) => path.join(root, name);
  for (const name of ['agent', 'commands', 'temporary']) await mkdir(at(name));
  await writeFile(at('agent/main.go'), 'package main\n');
  await makeExecutable(at('commands/go'), go);
  vi.stubEnv('PATH', `${at('commands')}:${process.env['PATH']}`);
  vi.stubEnv('TMPDIR', at('temporary'));
  vi.stubEnv('STARTED', at('started'));
  return at;
}

const platform = { os: 'linux', arch: 'amd64' } as const;

test('two that want the binary at the same time both get it', async () => {
  await using folder = await openTempFolder('agent-binary');
  const at = await preparePackage(folder.path, QUICK_GO);
  const locate = () => locateAgentBinary({ platform, packageRoot: folder.path });
  const [one, other] = await Promise.all([locate(), locate()]);
  expect(one).toBe(other);
  expect(await readFile(one, 'utf8')).toBe('whole\n');
  expect(await readdir(at('dist/agent'))).toHaveLength(1);
});

test('a build that is interrupted leaves nothing', async () => {
  await using folder = await openTempFolder('agent-binary');
  const at = await preparePackage(folder.path, SLOW_GO);
  const interrupted = new AbortController();
  const building = locateAgentBinary({
    ...{ platform, packageRoot: folder.path, signal: interrupted.signal },
  });
  const failed = expect(building).rejects.toThrow('ended by SIGINT');
  while (!(await readdir(folder.path)).includes('started')) await setTimeout(10);
  expect(await readdir(at('temporary'))).toHaveLength(1);
  interrupted.abort(new Error('ended by SIGINT'));
  await failed;
  expect(await readdir(at('dist/agent'))).toEqual([]);
  expect(await readdir(at('temporary'))).toEqual([]);
});
