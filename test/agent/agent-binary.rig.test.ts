import { mkdir, readdir, writeFile } from 'node:fs/promises';
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

test('a build that is interrupted leaves nothing', async () => {
  await using folder = await openTempFolder('agent-binary');
  const at = (name: string) => path.join(folder.path, name);
  for (const name of ['agent', 'commands', 'temporary']) await mkdir(at(name));
  await writeFile(at('agent/main.go'), 'package main\n');
  await makeExecutable(at('commands/go'), SLOW_GO);
  vi.stubEnv('PATH', `${at('commands')}:${process.env['PATH']}`);
  vi.stubEnv('TMPDIR', at('temporary'));
  vi.stubEnv('STARTED', at('started'));
  const interrupted = new AbortController();
  const platform = { os: 'linux', arch: 'amd64' } as const;
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
