import { fstatSync, readFileSync, statSync } from 'node:fs';
import type { Accelerator } from './guest.ts';

/** The user that QEMU runs as where this process is root: `nobody`, who owns nothing. */
export const NOBODY = 65_534;

/** Bits of `CapEff`: to change user and groups, and to look into QEMU's memory, which rewinding does. */
const CAPABILITIES = [6n, 7n, 19n];

export interface UserOptions {
  readonly accelerator: Accelerator;
  /** Files that QEMU opens once more by their descriptors. */
  readonly read: readonly number[];
  readonly written: readonly number[];
}

/**
 * The words for `setpriv` by which QEMU gives up root, and nothing where it has not got it. Root stays where another user
 * could not do its work: without the capabilities to change users (in a container, say), or without access to a file.
 */
export function dropRoot({ accelerator, read, written }: UserOptions): readonly string[] {
  const groups = groupsFor(accelerator);
  const drops =
    process.getuid?.() === 0 &&
    groups !== undefined &&
    canChangeUser() &&
    read.every(file => isOpenTo(file, 0o004, 0o400)) &&
    written.every(file => isOpenTo(file, 0o006, 0o600));
  return drops ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, ...groups] : [];
}

/** KVM wants its own group, where it is not open to everyone. */
function groupsFor(accelerator: Accelerator): readonly string[] | undefined {
  if (accelerator === 'tcg') return ['--clear-groups'];
  const device = statSync('/dev/kvm', { throwIfNoEntry: false });
  if (device === undefined) return undefined;
  if ((device.mode & 0o006) === 0o006) return ['--clear-groups'];
  return (device.mode & 0o060) === 0o060 ? [`--groups=${device.gid}`] : undefined;
}

function isOpenTo(file: number, others: number, owner: number): boolean {
  const { mode, uid } = fstatSync(file);
  return (mode & others) === others || (uid === NOBODY && (mode & owner) === owner);
}

function canChangeUser(): boolean {
  try {
    const held = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    const bits = BigInt(`0x${held ?? '0'}`);
    return CAPABILITIES.every(bit => (bits & (1n << bit)) !== 0n) && isMapped(NOBODY);
  } catch {
    return false;
  }
}

/** Whether this user namespace has that user. */
function isMapped(user: number): boolean {
  return readFileSync('/proc/self/uid_map', 'utf8')
    .trim()
    .split('\n')
    .some(line => {
      const [first = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
      return user >= first && user < first + count;
    });
}
