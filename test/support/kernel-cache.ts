import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { inject } from 'vitest';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import { BIN, openSandbox, smallFixture } from './command-line.ts';
import { share } from './share.ts';

/** The smallest download of all series. */
export const SERIES = '6.1';

/** Sees to it that this machine's own cache has the kernel and the lists of the archive. */
export async function fetchKernel(): Promise<void> {
  await execa(process.execPath, [BIN, 'kernels', 'fetch', '-t', `linux@${SERIES}`]);
}

/** Puts the lists and that one kernel into another cache. Links would share its locks and times too. */
export async function copyKernel(target: string): Promise<void> {
  await copyLists(target);
  const source = path.join(cacheRoot(process.env), 'kernels/images');
  const images = path.join(target, 'kernels/images');
  await mkdir(images, { recursive: true });
  const release = `${SERIES.replaceAll('.', '\\.')}\\.`;
  await execa('sh', ['-c', `cp -a "$1"/${release}* "$2"`, 'sh', source, images]);
}

/** Puts only the lists of the archive there: kernels are fetched when they are asked for. */
export async function copyLists(target: string): Promise<void> {
  const lists = 'kernels/archive';
  await mkdir(path.join(target, lists), { recursive: true });
  const from = path.join(cacheRoot(process.env), lists);
  const script = 'cd "$1" && find . -maxdepth 2 -name "*.json" -exec cp -p --parents {} "$2" ";"';
  await execa('sh', ['-c', script, 'sh', from, path.join(target, lists)]);
}

/** Puts the kernel with its saved guest there, for a test that is not about the first run of a kernel. */
export async function copyWarmCache(target: string): Promise<void> {
  const source = await share('warm-cache', makeWarmCache);
  await mkdir(target, { recursive: true });
  await execa('cp', ['-a', '--sparse=always', `${source}/.`, target]);
}

async function makeWarmCache(): Promise<string> {
  const cache = path.join(inject('sharedFolder'), 'cache');
  await using sandbox = await openSandbox(cache);
  await fetchKernel();
  await copyKernel(cache);
  await sandbox.write('pass.bpf.c', smallFixture());
  const { exitCode, stderr } = await sandbox.run(['run', 'pass.bpf.c', '-t', `linux@${SERIES}`]);
  if (exitCode !== 0) throw new Error(`the first run of linux@${SERIES}: ${stderr}`);
  return cache;
}
