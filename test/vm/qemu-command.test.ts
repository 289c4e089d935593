import { expect, test } from 'vitest';
import {
  isRewindable,
  kernelCommandLine,
  type MachineOptions,
  qemuArguments,
} from '../../harness/vm/qemu-command.ts';

const MACHINE: MachineOptions = {
  ...{ arch: 'amd64', kernel: '/k/vmlinux', initramfs: '/c/i.cpio' },
  ...{ accelerator: 'tcg', memoryMiB: 512 },
};
const anonymous = { kind: 'anonymous' } as const;

/** The value after each occurrence of an option. */
function valuesOf(args: readonly string[], option: string): string[] {
  return args.flatMap((arg, index) => (arg === option ? [args[index + 1] ?? ''] : []));
}

test('has no device that was not asked for, no network and no display', () => {
  const args = qemuArguments({ ...MACHINE, memory: anonymous });
  expect(args).toEqual(expect.arrayContaining(['-nodefaults', '-no-user-config', '-no-reboot']));
  expect(valuesOf(args, '-display')).toEqual(['none']);
  expect(args.filter(arg => /^-(net|nic|netdev|drive|fsdev|virtfs|vga|usb)/.test(arg))).toEqual([]);
});

test('connects everything by inherited descriptors, nothing by a path', () => {
  const chardevs = valuesOf(qemuArguments({ ...MACHINE, memory: anonymous }), '-chardev');
  expect(chardevs).toEqual([
    'socket,id=monitor,fd=3',
    'file,id=console,path=/proc/self/fd/5,append=on',
    'socket,id=agent,fd=4',
  ]);
});

test('puts the caller’s words last on the kernel’s command line', () => {
  const words = kernelCommandLine({ ...MACHINE, kernelWords: ['lsm=yama,bpf', 'a=b'] }).split(' ');
  expect(words).toContain('console=ttyS0');
  expect(words).toContain('panic=-1');
  expect(words.slice(-2)).toEqual(['lsm=yama,bpf', 'a=b']);
});

test('has the watchdog of an emulated guest be patient, and no other one’s', () => {
  expect(kernelCommandLine(MACHINE).split(' ')).toContain('watchdog_thresh=60');
  expect(kernelCommandLine({ ...MACHINE, accelerator: 'kvm' })).not.toContain('watchdog');
});

test('never turns off what the verifier or the JIT depend on', () => {
  const line = kernelCommandLine(MACHINE);
  expect(line).not.toMatch(/mitigations|nospec|spectre|nopti|retbleed|bpf|init_on_/);
});

test('keeps memory in a file for snapshots only: written through, or private', () => {
  const backend = (kind: 'shared-file' | 'private-file') =>
    valuesOf(qemuArguments({ ...MACHINE, memory: { kind, path: '/a,b/memory' } }), '-object');
  expect(valuesOf(qemuArguments({ ...MACHINE, memory: anonymous }), '-object')).toEqual([]);
  expect(backend('shared-file')).toEqual([
    'memory-backend-file,id=ram,size=512M,mem-path=/proc/self/fd/9,share=on',
  ]);
  expect(backend('private-file')[0]).toMatch(/,share=off$/);
});

test.each([
  ['before 8.2', { major: 8, minor: 1 }, /,share=off$/],
  ['since 8.2', { major: 8, minor: 2 }, /,share=off,readonly=on,rom=off$/],
  ['since 8.2', { major: 11, minor: 0 }, /,share=off,readonly=on,rom=off$/],
] as const)('opens private memory as QEMU can %s', (_, qemuVersion, expected) => {
  const memory = { kind: 'private-file', path: '/s/memory' } as const;
  expect(valuesOf(qemuArguments({ ...MACHINE, qemuVersion, memory }), '-object')[0]).toMatch(
    expected,
  );
});

test('can start no program unless it saves, and gain no rights ever', () => {
  const sandbox = (kind: 'shared-file' | 'private-file') =>
    valuesOf(qemuArguments({ ...MACHINE, memory: { kind, path: '/s/memory' } }), '-sandbox')[0];
  const on = 'on,obsolete=deny,elevateprivileges=deny,resourcecontrol=deny';
  expect(sandbox('private-file')).toBe(`${on},spawn=deny`);
  expect(sandbox('shared-file')).toBe(on);
});

test('is rewound by the versions that this was tried with', () => {
  const rewound = (major: number, minor: number) =>
    isRewindable({ ...MACHINE, qemuVersion: { major, minor } });
  expect([rewound(7, 2), rewound(8, 2), rewound(10, 0), rewound(11, 1)]).not.toContain(false);
  expect([rewound(7, 1), rewound(9, 2), rewound(12, 0), isRewindable(MACHINE)]).not.toContain(true);
});

/** The arguments for a guest that is saved, as one that is restored would have them, and those of a restored one. */
function savedAndRestored(machine: MachineOptions): { saved: string[]; restored: string[] } {
  const path = '/s/memory';
  const saved = qemuArguments({ ...machine, memory: { kind: 'shared-file', path } });
  const memory = { kind: 'private-file', path } as const;
  const restored = qemuArguments({ ...machine, memory, incoming: true });
  const asRestored = (arg: string) =>
    arg.replace('share=on', 'share=off').replace(/(?<=resourcecontrol=deny)$/, ',spawn=deny');
  return { saved: saved.map(asRestored), restored };
}

test.each([
  { accelerator: 'kvm' },
  { countInstructions: true },
  { memoryMiB: 4096 },
  { arch: 'arm64' },
] as const)(
  'differs between a saved guest and a restored one in memory, sandbox and -incoming only: %o',
  fact => {
    const { saved, restored } = savedAndRestored({ ...MACHINE, ...fact });
    expect(restored).toEqual([...saved, '-incoming', 'defer']);
  },
);

test('a restored guest that can be rewound has a qtest, and the ROM instead of the kernel', () => {
  const { saved, restored } = savedAndRestored({ ...MACHINE, qemuVersion: { major: 7, minor: 2 } });
  const devices = saved.slice(0, saved.indexOf('-kernel'));
  const qtest = [
    '-chardev',
    'socket,id=qtest,fd=6',
    '-object',
    'qtest,id=qtest,chardev=qtest,log=none',
  ];
  expect(restored).toEqual([...devices, '-option-rom', 'pvh.bin', ...qtest, '-incoming', 'defer']);
});

test('counts instructions only when asked to', () => {
  const counting = qemuArguments({ ...MACHINE, memory: anonymous, countInstructions: true });
  expect(valuesOf(counting, '-icount')).toEqual(['shift=0,sleep=off']);
  expect(valuesOf(qemuArguments({ ...MACHINE, memory: anonymous }), '-icount')).toEqual([]);
});

test('shows a guest under KVM the host’s processor, and one under TCG always the same', () => {
  const cpu = (accelerator: 'kvm' | 'tcg') =>
    valuesOf(qemuArguments({ ...MACHINE, accelerator, memory: anonymous }), '-cpu')[0];
  expect(cpu('kvm')).toBe('host');
  expect(cpu('tcg')).not.toBe('host');
});

test.each([
  ['arm64', 'virt', 'virtio-serial-pci'],
  ['s390x', 's390-ccw-virtio', 'virtio-serial-ccw'],
] as const)('has a machine for %s', (arch, machine, bus) => {
  const args = qemuArguments({ ...MACHINE, arch, memory: anonymous });
  expect(valuesOf(args, '-machine')[0]).toBe(machine);
  expect(valuesOf(args, '-device').join(' ')).toContain(bus);
});
