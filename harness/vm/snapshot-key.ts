import { createHash } from 'node:crypto';
import { cpus } from 'node:os';
import type { QemuBinary } from './qemu-binary.ts';
import { type MachineOptions, qemuArguments } from './qemu-command.ts';

/** Raised when the way changes in which snapshots are saved or kept. */
const FORMAT = 5;

export interface SnapshotIdentity {
  readonly qemu: QemuBinary;
  readonly machine: MachineOptions;
  readonly kernelDigest: string;
  readonly initramfsDigest: string;
  /** The host's processor: what a guest under KVM saw of it cannot be taken to another. */
  readonly processor?: string;
}

/**
 * The name of a snapshot: a hash of everything that the saved state depends on. Files count by what is
 * in them, not by where they are, and QEMU by its binary and both command lines.
 */
export function snapshotKey(identity: SnapshotIdentity): string {
  const { qemu, machine, kernelDigest, initramfsDigest } = identity;
  const { processor = cpus()[0]?.model ?? '' } = identity;
  // QEMU finds the files opened, so its arguments are the same wherever they are.
  const memory = { kind: 'private-file', path: '' } as const;
  const args = [false, true].map(incoming => qemuArguments({ ...machine, memory, incoming }));
  const host = machine.accelerator === 'kvm' ? processor : '';
  const facts = JSON.stringify([FORMAT, qemu.identity, kernelDigest, initramfsDigest, args, host]);
  return createHash('sha256').update(facts).digest('hex');
}
