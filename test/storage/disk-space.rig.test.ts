import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { draftFolder, writeFileAtomically } from '../../harness/storage/atomic-write.ts';
import { ensureSpace, withDiskFullError } from '../../harness/storage/disk-space.ts';
import { mountSmallDisk } from '../support/small-disk.ts';

const MEGABYTE = 1_000_000;

test('a full disk is INFRA_DISK_FULL, and nothing half-written is left', async context => {
  await using disk = await mountSmallDisk('1m');
  if (disk === undefined) return context.skip('a tmpfs cannot be mounted here');
  const need = { folder: disk.path, bytes: 5 * MEGABYTE };
  const data = Buffer.alloc(5 * MEGABYTE);
  const full = {
    code: 'INFRA_DISK_FULL',
    message: expect.stringMatching(/about 5 MB needed, \d MB free/),
    facts: { file: disk.path },
  };
  await expect(
    withDiskFullError(need, () => writeFileAtomically(join(disk.path, 'file'), data)),
  ).rejects.toMatchObject(full);
  const fill = async () => {
    await using draft = await draftFolder(join(disk.path, 'entry'));
    await writeFile(join(draft.path, 'image'), data);
    await draft.publish();
  };
  await expect(withDiskFullError(need, fill)).rejects.toMatchObject(full);
  expect(await readdir(disk.path)).toEqual([]);
});

test('what cannot fit is told before it is begun', async context => {
  await using disk = await mountSmallDisk('1m');
  if (disk === undefined) return context.skip('a tmpfs cannot be mounted here');
  const folder = join(disk.path, 'new');
  await expect(ensureSpace({ folder, bytes: 5 * MEGABYTE })).rejects.toMatchObject({
    code: 'INFRA_DISK_FULL',
    hint: expect.stringContaining('CROSSBPF_CACHE'),
  });
  await expect(ensureSpace({ folder, bytes: 1000 })).resolves.toBeUndefined();
});

test('a tool that says in words that the disk is full is understood', async () => {
  const output = 'tar: ./x: Cannot write: No space left on device';
  const need = { folder: '/', bytes: 1 };
  const fail = () => Promise.reject(new Error(output));
  await expect(withDiskFullError(need, fail)).rejects.toMatchObject({ code: 'INFRA_DISK_FULL' });
  const other = () => Promise.reject(new Error('something else'));
  await expect(withDiskFullError(need, other)).rejects.toThrow('something else');
});
