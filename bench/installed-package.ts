import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { locateAgentBinary } from '../harness/agent/agent-binary.ts';

const ROOT = path.join(import.meta.dirname, '..');

/**
 * Puts what people install into a folder: the bundle and the agent, without sources. So a source that
 * is edited while a benchmark runs changes nothing. Gives the path of the command.
 */
export async function installPackage(folder: string): Promise<string> {
  await execa(process.execPath, [path.join(ROOT, 'scripts/build.mjs')], { cwd: ROOT });
  const platform = { os: 'linux', arch: 'amd64' } as const;
  const agent = await locateAgentBinary({ platform, packageRoot: ROOT });
  for (const part of ['bin', 'package.json', 'dist/harness', path.relative(ROOT, agent)]) {
    const place = path.join(folder, part);
    await mkdir(path.dirname(place), { recursive: true });
    await cp(path.join(ROOT, part), place, { recursive: true });
  }
  return path.join(folder, 'bin/crossbpf.js');
}
