import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { CrossbpfError } from '../crossbpf-error.ts';
import { type GuestArchitecture, machines } from './machine.ts';

/** A QEMU that is installed. */
export interface QemuBinary {
  readonly path: string;
  /** Changes whenever another QEMU is installed there: real path, size and time of change. */
  readonly identity: string;
}

/** Finds QEMU for an architecture in `PATH`, without starting it; INFRA_NO_QEMU if there is none. */
export async function findQemu(
  arch: GuestArchitecture,
  searchPath = process.env['PATH'] ?? '',
): Promise<QemuBinary> {
  const { binary, debianPackage } = machines[arch];
  for (const folder of searchPath.split(delimiter).filter(part => part !== '')) {
    const path = join(folder, binary);
    if (await isExecutable(path)) return { path, identity: await identity(path) };
  }
  throw new CrossbpfError({
    code: 'INFRA_NO_QEMU',
    message: `${binary} is not installed`,
    hint: `Install it, with \`apt-get install ${debianPackage}\` on Debian and Ubuntu.`,
  });
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function identity(path: string): Promise<string> {
  const real = await realpath(path);
  const { size, mtimeMs } = await stat(real);
  return `${real} ${size} ${mtimeMs}`;
}
