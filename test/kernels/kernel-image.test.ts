import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bannerRelease, recognizeBootImage } from '../../harness/kernels/boot-image.ts';
import { openKernelImage } from '../../harness/kernels/kernel-image.ts';
import { tinyBzImage, tinyElf, tinyKernel } from './tiny-kernel.ts';

const RELEASE = '6.12.107+deb13-cloud-amd64';
const SIZE = Buffer.alloc(4);
SIZE.writeUInt32LE(tinyElf(RELEASE).length);

test('the setup header says where the payload is, and the release', () => {
  const image = tinyBzImage({ payload: Buffer.from('payload!'), release: RELEASE });
  expect(recognizeBootImage(image)).toEqual({
    ...{ kind: 'bzimage', arch: 'amd64', release: RELEASE, offset: 1024 + 16, length: 8 },
  });
});

test.each([
  ['gzip, which has its size in itself', gzipSync(tinyElf(RELEASE))],
  ['zstd, with its size appended', Buffer.concat([zstdCompressSync(tinyElf(RELEASE)), SIZE])],
  ['nothing', Buffer.concat([tinyElf(RELEASE), SIZE])],
])('takes the ELF out of a bzImage packed with %s', async (_name, payload) => {
  const image = await openKernelImage(tinyBzImage({ payload }), 'bzImage');
  expect(image).toMatchObject({ arch: 'amd64', release: RELEASE, name: 'vmlinux' });
  expect(image.data).toEqual(tinyElf(RELEASE));
});

test.each([
  [62, 'amd64'],
  [183, 'arm64'],
])('an uncompressed vmlinux for machine %i is %s', async (machine, arch) => {
  const vmlinux = tinyElf('7.3-rc4', machine);
  const image = await openKernelImage(vmlinux, 'vmlinux');
  expect(image).toEqual({ arch, release: '7.3-rc4', data: vmlinux, name: 'vmlinux' });
});

test('arm64 and s390x boot their images as they are', async () => {
  const arm = Buffer.alloc(4096);
  arm.write('ARM\x64', 56, 'latin1');
  arm.write('Linux version 6.12.1 (x)', 2000, 'latin1');
  const expected = { arch: 'arm64', release: '6.12.1', name: 'Image' };
  expect(await openKernelImage(arm, 'Image')).toMatchObject({ ...expected, data: arm });
  expect(await openKernelImage(gzipSync(arm), 'Image.gz')).toMatchObject({
    ...expected,
    data: arm,
  });
  const s390 = Buffer.alloc(0x11000);
  s390.write('S390EP', 0x10008, 'latin1');
  expect(await openKernelImage(s390, 'vmlinuz')).toMatchObject({ arch: 's390x', data: s390 });
});

test('an EFI zboot image boots as it is; its release is that of what it holds', async () => {
  const payload = gzipSync(Buffer.from(`\0Linux version 6.12.1 (x)`));
  const header = Buffer.alloc(64);
  header.write('MZ\0\0zimg', 'latin1');
  header.writeUInt32LE(64, 8);
  header.writeUInt32LE(payload.length, 12);
  const zboot = Buffer.concat([header, payload]);
  const image = await openKernelImage(zboot, 'vmlinuz');
  expect(image).toMatchObject({ arch: 'arm64', release: '6.12.1', name: 'Image', data: zboot });
});

const kernel = tinyKernel(RELEASE);
test.each([
  ['an empty file', Buffer.alloc(0)],
  ['a text', Buffer.from('#!/bin/sh\n'.repeat(100))],
  ['zeros', Buffer.alloc(100_000)],
  ['a kernel that is cut off', kernel.subarray(0, 1100)],
  ['a header alone', kernel.subarray(0, 200)],
  ['damaged data', Buffer.concat([kernel.subarray(0, 1060), Buffer.alloc(1000)])],
  ['an ELF without a banner', tinyElf('none').subarray(0, 70)],
  [
    'an ELF for a 32-bit machine',
    Buffer.concat([Buffer.from('\x7fELF\x01\x01', 'latin1'), Buffer.alloc(90)]),
  ],
  ['a compressed text', gzipSync(Buffer.from('text '.repeat(100)))],
  ['what is compressed twice', gzipSync(gzipSync(tinyElf(RELEASE)))],
  ['a payload in no known format', tinyBzImage({ payload: Buffer.from('????????') })],
])('%s is no kernel', async (_name, data) => {
  await expect(openKernelImage(data, 'thing')).rejects.toMatchObject({
    code: 'USAGE_NOT_A_KERNEL',
    facts: { file: 'thing' },
    message: expect.stringMatching(/^not a kernel: /),
  });
});

test('the banner is the one with a version, not a format string', () => {
  const data = Buffer.from('Linux version %s (%s)\0Linux version 6.1.0-56-cloud-amd64 (x)');
  expect(bannerRelease(data)).toBe('6.1.0-56-cloud-amd64');
  expect(bannerRelease(Buffer.from('Linux version '))).toBeUndefined();
});
