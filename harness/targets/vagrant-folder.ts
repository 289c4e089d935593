import { stat } from 'node:fs/promises';
import path from 'node:path';
import { platformOf, type VagrantMachine } from '../config/machine.ts';
import type { TargetContext } from './target-context.ts';

/** The folder of a Vagrantfile: the one that is named, else `vms/…` of the user, else that of this package. */
export async function vagrantFolder(
  machine: VagrantMachine,
  { folder, packageRoot }: Pick<TargetContext, 'folder' | 'packageRoot'>,
): Promise<string> {
  if (machine.folder !== undefined) return path.resolve(folder, machine.folder);
  const usual = path.join('vms', platformOf(machine));
  const own = path.resolve(folder, usual);
  const isThere = await stat(path.join(own, 'Vagrantfile')).catch(() => undefined);
  return isThere === undefined ? path.join(packageRoot, usual) : own;
}
