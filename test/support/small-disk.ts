import { execa } from 'execa';
import { openTempFolder, type TempFolder } from '../../harness/storage/temp-folder.ts';

/** A disk of its own: a tmpfs of a size such as `1m`. Undefined where it cannot be mounted. */
export async function mountSmallDisk(size: string): Promise<TempFolder | undefined> {
  const folder = await openTempFolder('small-disk');
  const args = ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder.path];
  const { exitCode } = await execa('mount', args, { reject: false });
  if (exitCode !== 0) {
    await folder[Symbol.asyncDispose]();
    return undefined;
  }
  return {
    path: folder.path,
    async [Symbol.asyncDispose]() {
      await execa('umount', [folder.path], { reject: false });
      await folder[Symbol.asyncDispose]();
    },
  };
}
