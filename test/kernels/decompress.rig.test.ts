import { randomBytes } from 'node:crypto';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { openKernelImage } from '../../harness/kernels/kernel-image.ts';
import { tinyBzImage, tinyElf } from './tiny-kernel.ts';

/** More than one block of LZ4's (8 MiB), with noise and repeats. */
const noise = randomBytes(100_000);
const elf = Buffer.concat([tinyElf('6.1.0-56-cloud-amd64'), noise, Buffer.alloc(9_000_000), noise]);

async function pack(command: string, args: readonly string[]): Promise<Buffer> {
  const { stdout } = await execa(command, args, { input: elf, encoding: 'buffer' });
  const size = Buffer.alloc(4);
  size.writeUInt32LE(elf.length);
  return Buffer.concat([stdout, size]);
}

/** As scripts/Makefile.lib of Linux packs kernels. */
const PACKERS: readonly (readonly [string, ...string[]])[] = [
  ['lz4', '-l', '-9', '-c'],
  ['xz', '--check=crc32', '--x86', '--lzma2=,dict=32MiB', '-c'],
  ['xz', '--format=lzma', '-c'],
  ['bzip2', '-9', '-c'],
];

test.each(PACKERS)('takes out what is packed by %s %s', async (command, ...args) => {
  const image = await openKernelImage(tinyBzImage({ payload: await pack(command, args) }), 'k');
  expect(image.release).toBe('6.1.0-56-cloud-amd64');
  expect(image.data.equals(elf)).toBe(true);
});

test.each(PACKERS)('a size that does not fit is damage: %s %s', async (command, ...args) => {
  const payload = await pack(command, args);
  payload.writeUInt32LE(elf.length - 1, payload.length - 4);
  await expect(openKernelImage(tinyBzImage({ payload }), 'k')).rejects.toMatchObject({
    code: 'USAGE_NOT_A_KERNEL',
  });
});
