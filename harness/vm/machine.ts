import type { Accelerator } from './guest.ts';

/** Architectures as Debian names them. */
export type GuestArchitecture = 'amd64' | 'arm64' | 's390x';

/** How QEMU is asked for a machine of an architecture. */
export interface Machine {
  readonly binary: string;
  /** The Debian package that brings the binary. */
  readonly debianPackage: string;
  /** Value of `-machine` without accelerator and memory. */
  readonly machine: string;
  /** Value of `-cpu`; under KVM it is `host`. */
  readonly tcgCpu: string;
  /** Value of the kernel's `console=`. */
  readonly console: string;
  /** The arguments that attach the console's chardev to the machine. */
  readonly consoleDevice: (chardev: string) => readonly string[];
  /** The device that carries virtio-serial ports. */
  readonly virtioSerial: string;
  /** Words for the kernel's command line that only this machine needs. */
  readonly kernelWords: readonly string[];
}

const serial = (chardev: string) => ['-serial', `chardev:${chardev}`];
const s390Console = (chardev: string) => ['-device', `sclpconsole,chardev=${chardev}`];

/** `pc`, as `microvm` hangs with Debian's kernels. Only amd64 is tried by tests so far. */
export const machines: Readonly<Record<GuestArchitecture, Machine>> = {
  amd64: {
    binary: 'qemu-system-x86_64',
    debianPackage: 'qemu-system-x86',
    machine: 'pc',
    tcgCpu: 'max',
    console: 'ttyS0',
    consoleDevice: serial,
    virtioSerial: 'virtio-serial-pci',
    // The kernel compares this clock with another one all the time. QEMU's own pauses would make it give the clock up
    // for a slower one, in the middle of a run and with a warning.
    // It also tries while it boots whether its timer works, and panics if a busy machine lets no tick through just then.
    kernelWords: ['tsc=reliable', 'no_timer_check'],
  },
  arm64: {
    binary: 'qemu-system-aarch64',
    debianPackage: 'qemu-system-arm',
    machine: 'virt',
    tcgCpu: 'max',
    console: 'ttyAMA0',
    consoleDevice: serial,
    virtioSerial: 'virtio-serial-pci',
    kernelWords: [],
  },
  s390x: {
    binary: 'qemu-system-s390x',
    debianPackage: 'qemu-system-misc',
    machine: 's390-ccw-virtio',
    tcgCpu: 'max',
    console: 'ttysclp0',
    consoleDevice: s390Console,
    virtioSerial: 'virtio-serial-ccw',
    kernelWords: [],
  },
};

/** Value of `-cpu`. */
export function cpuModel(machine: Machine, accelerator: Accelerator): string {
  return accelerator === 'kvm' ? 'host' : machine.tcgCpu;
}
