import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { QemuBinary } from '../../../harness/vm/qemu-binary.ts';
import type { MachineOptions } from '../../../harness/vm/qemu-command.ts';

const SCRIPT = fileURLToPath(new URL('qemu.ts', import.meta.url));

/** A guest for a stand-in, which looks at none of it. */
export const MACHINE: MachineOptions = {
  ...{ arch: 'amd64', kernel: '/dev/null', initramfs: '/dev/null' },
  ...{ accelerator: 'tcg', memoryMiB: 64 },
};

/** Makes an executable in a folder that starts the stand-in with a behaviour. */
export async function scriptedQemu(folder: string, behaviour: string): Promise<QemuBinary> {
  const path = join(folder, 'scripted-qemu');
  await makeExecutable(path, `exec '${process.execPath}' '${SCRIPT}' '${behaviour}' "$@"`);
  return { path, identity: `stand-in that ${behaviour}` };
}

/** Writes an executable shell script. */
export async function makeExecutable(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

/** The process id that a stand-in printed on its console. */
export function processOf(console: readonly string[]): number {
  const id = /process (\d+)/.exec(console.join('\n'))?.[1];
  if (id === undefined) throw new Error(`no process id on the console: ${console.join(' | ')}`);
  return Number(id);
}

/** Whether a process is there; one that ended but was not waited for yet is not. */
export async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => 'State:\tZ');
  return !/State:\s*[ZX]/.test(status);
}
