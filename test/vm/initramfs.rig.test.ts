import { mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { initramfsArchive } from '../../harness/vm/initramfs.ts';
import { storeInitramfs } from '../../harness/vm/initramfs-store.ts';

/** A folder with an agent, two modules and an empty cache. */
async function prepared() {
  const folder = await openTempFolder('crossbpf-test');
  const paths = ['agent', 'virtio_ring.ko', 'virtio.ko'].map(name => join(folder.path, name));
  const [init = '', ...modules] = paths;
  for (const path of paths) await writeFile(path, `content of ${path}`);
  const cacheRoot = join(folder.path, 'cache');
  await mkdir(cacheRoot);
  return {
    source: { init, modules },
    cacheRoot,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test('is an archive that cpio reads, with the modules in load order', async () => {
  await using at = await prepared();
  const { stdout } = await execa('cpio', ['--list', '--quiet', '--verbose', '--numeric-uid-gid'], {
    input: await initramfsArchive(at.source),
  });
  const listed = stdout.split('\n').map(line => line.replace(/\s+/g, ' '));
  expect(listed.map(line => line.split(' ').at(-1))).toEqual([
    ...['dev', 'modules', 'proc', 'run', 'sys', 'tmp', 'dev/console', 'init'],
    ...['modules/000-virtio_ring.ko', 'modules/001-virtio.ko'],
  ]);
  expect(listed[6]).toMatch(/^crw------- 1 0 0 5, 1 /);
  expect(listed[7]).toMatch(/^-rwxr-xr-x 1 0 0 /);
});

test('holds further files, below folders that are made for them', async () => {
  await using at = await prepared();
  const files = [{ guestPath: 'boot/deep/config', path: at.source.init }];
  const { stdout } = await execa('cpio', ['--list', '--quiet'], {
    input: await initramfsArchive({ ...at.source, files }),
  });
  const listed = stdout.split('\n');
  expect(listed.at(-1)).toBe('boot/deep/config');
  expect(listed.indexOf('boot')).toBeLessThan(listed.indexOf('boot/deep'));
  const moved = [{ guestPath: 'boot/config', path: at.source.init }];
  const stored = await storeInitramfs({ ...at.source, files }, at.cacheRoot);
  expect(await storeInitramfs({ ...at.source, files: moved }, at.cacheRoot)).not.toEqual(stored);
});

test('is stored once, under the digest of its bytes', async () => {
  await using at = await prepared();
  const first = await storeInitramfs(at.source, at.cacheRoot);
  expect(first.path.endsWith(`${first.digest}.cpio`)).toBe(true);
  const { ino } = await stat(first.path);
  expect(await storeInitramfs(at.source, at.cacheRoot)).toEqual(first);
  expect((await stat(first.path)).ino).toBe(ino);
});

test('follows what is in the files, not when they were written', async () => {
  await using at = await prepared();
  const first = await storeInitramfs(at.source, at.cacheRoot);
  await utimes(at.source.init, 0, 0);
  expect(await storeInitramfs(at.source, at.cacheRoot)).toEqual(first);
  await writeFile(at.source.init, 'another agent');
  expect((await storeInitramfs(at.source, at.cacheRoot)).digest).not.toBe(first.digest);
});
