import { createHash } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import { z } from 'zod';
import type { Kernel } from '../../../harness/kernels/kernel.ts';
import { writeFileAtomically } from '../../../harness/storage/atomic-write.ts';
import { readCachedJson } from '../../../harness/storage/cached-json.ts';
import type { GuestFile } from '../../../harness/vm/initramfs.ts';
import { startGuest } from '../../../harness/vm/start-guest.ts';
import { listPackages, unpackPackage } from '../../support/debian-package.ts';

const flags = z.record(z.string(), z.boolean());

/** What `bpftool -j feature probe kernel full` writes, as far as it is compared. */
const bpftoolAnswer = z.object({
  program_types: flags,
  map_types: flags,
  helpers: z.record(z.string(), z.array(z.string())),
  misc: flags,
});
export type BpftoolAnswer = z.infer<typeof bpftoolAnswer>;

/** Debian's newest, as an older one does not understand what newer verifiers say; it brings all that it needs. */
const PACKAGES = ['bpftool', 'libc6', 'libelf1t64', 'libssl3t64', 'zlib1g', 'libcap2', 'libzstd1'];
const LIBRARIES = [
  'libc.so.6',
  'libelf.so.1',
  'libcrypto.so.3',
  'libz.so.1',
  'libcap.so.2',
  'libzstd.so.1',
];

/** bpftool with its libraries, and the PID 1 that runs it. */
export interface Bpftool {
  readonly version: string;
  readonly init: string;
  readonly files: readonly GuestFile[];
}

/** Builds PID 1 into a folder, and unpacks bpftool. */
export async function prepareBpftool(folder: string, cacheRoot: string): Promise<Bpftool> {
  const init = path.join(folder, 'bpftool-init');
  const source = path.join(import.meta.dirname, 'init.c');
  await execa('gcc', ['-O1', '-static', '-Wall', '-Wextra', '-Werror', '-o', init, source]);
  const listed = await listPackages(PACKAGES, cacheRoot);
  const newest = PACKAGES.map(name => listed.find(each => each.name === name));
  const unpacked = await Promise.all(
    newest.map(async item => {
      if (item === undefined) throw new Error('a package of bpftool is not listed');
      return unpackPackage(item, cacheRoot);
    }),
  );
  const find = async (name: string) => {
    const pattern = `{usr/sbin,{,usr/}lib,{,usr/}lib64,{,usr/}lib/*}/${name}`;
    for (const root of unpacked) {
      for await (const file of glob(pattern, { cwd: root })) return path.join(root, file);
    }
    throw new Error(`no package has ${name}`);
  };
  const libraries = LIBRARIES.map(async name => {
    return { guestPath: `bpftool/${name}`, path: await find(name) };
  });
  return {
    ...{ version: newest[0]?.version ?? '', init },
    files: [
      ...(await Promise.all(libraries)),
      { guestPath: 'bpftool/ld.so', path: await find('ld-linux-x86-64.so.2') },
      { guestPath: 'bpftool/bpftool', path: await find('bpftool') },
    ],
  };
}

export interface Question {
  readonly bpftool: Bpftool;
  readonly kernel: Kernel;
  /** The same as for the agent's guests, as words of it change what there is. */
  readonly kernelWords: readonly string[];
  readonly cacheRoot: string;
}

/**
 * What bpftool found on a kernel. The same bpftool finds the same on the same kernel, which takes 10 s of a core without
 * KVM: its answer is kept in the cache, by all that it depends on.
 */
export async function askBpftool(question: Question): Promise<BpftoolAnswer> {
  const { bpftool, kernel, kernelWords, cacheRoot } = question;
  const init = await readFile(path.join(import.meta.dirname, 'init.c'), 'utf8');
  const parts = [kernel.digest, ...kernelWords, bpftool.version, init];
  const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
  const file = path.join(cacheRoot, 'testdata', 'bpftool', `${kernel.release}-${key}.json`);
  const known = await readCachedJson(file, bpftoolAnswer);
  if (known !== undefined) return known;
  const answer = await bootBpftool(question);
  await writeFileAtomically(file, JSON.stringify(answer));
  return answer;
}

/** Boots a kernel with bpftool and gives what it found. */
async function bootBpftool(question: Question): Promise<BpftoolAnswer> {
  const { bpftool, kernel, kernelWords, cacheRoot } = question;
  await using guest = await startGuest({
    ...{ kernel, init: bpftool.init, files: bpftool.files, kernelWords, memoryMiB: 512 },
    ...{ accelerator: 'auto', cacheRoot, environment: process.env, timeoutMs: 60_000 },
  });
  const said = await text(guest.port);
  const { reason, detail } = await guest.exited;
  if (reason !== 'shutdown' || said === '') {
    throw new Error(`${reason}: ${detail}\n${guest.consoleTail(20).join('\n')}`);
  }
  return bpftoolAnswer.parse(JSON.parse(said));
}
