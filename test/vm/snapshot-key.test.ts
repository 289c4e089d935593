import { expect, test } from 'vitest';
import { type SnapshotIdentity, snapshotKey } from '../../harness/vm/snapshot-key.ts';

const IDENTITY: SnapshotIdentity = {
  qemu: { path: '/usr/bin/qemu-system-x86_64', identity: 'qemu 1' },
  machine: {
    ...{ arch: 'amd64', kernel: '/k/vmlinux', initramfs: '/c/i.cpio' },
    ...{ accelerator: 'tcg', memoryMiB: 512, kernelWords: ['lsm=bpf'] },
  },
  ...{ kernelDigest: 'k1', initramfsDigest: 'i1', processor: 'Xeon' },
};
const { machine } = IDENTITY;

test.each<[string, Partial<SnapshotIdentity>]>([
  ['the kernel', { kernelDigest: 'k2' }],
  ['the initramfs', { initramfsDigest: 'i2' }],
  ['QEMU', { qemu: { path: IDENTITY.qemu.path, identity: 'qemu 2' } }],
  ['the memory', { machine: { ...machine, memoryMiB: 256 } }],
  ['the kernel’s command line', { machine: { ...machine, kernelWords: [] } }],
  ['the accelerator', { machine: { ...machine, accelerator: 'kvm' } }],
  ['counted instructions', { machine: { ...machine, countInstructions: true } }],
])('changes with %s', (_, change) => {
  expect(snapshotKey({ ...IDENTITY, ...change })).not.toBe(snapshotKey(IDENTITY));
});

test('does not change with where the files are', () => {
  const moved = { ...machine, kernel: '/elsewhere/vmlinux', initramfs: '/elsewhere/i.cpio' };
  expect(snapshotKey({ ...IDENTITY, machine: moved })).toBe(snapshotKey(IDENTITY));
});

test('changes with the host’s processor under KVM only', () => {
  const other = { processor: 'EPYC' };
  const kvm = { ...IDENTITY, machine: { ...machine, accelerator: 'kvm' } } as const;
  expect(snapshotKey({ ...IDENTITY, ...other })).toBe(snapshotKey(IDENTITY));
  expect(snapshotKey({ ...kvm, ...other })).not.toBe(snapshotKey(kvm));
});
