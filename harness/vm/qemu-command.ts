import type { Accelerator } from './guest.ts';
import { cpuModel, type GuestArchitecture, machines } from './machine.ts';
import { isAtLeast, type QemuVersion } from './qemu-version.ts';

/**
 * Descriptors that QEMU inherits: connected sockets, files without a name, and the files that it reads. Opened for it,
 * these can be read by a user who may not enter their folder.
 */
export const DESCRIPTORS = {
  monitor: 3,
  agent: 4,
  console: 5,
  qtest: 6,
  disk: 7,
  state: 8,
  memory: 9,
  kernel: 10,
  initramfs: 11,
} as const;

/** Names that QEMU knows devices by; they are part of a snapshot. */
export const AGENT_DEVICE = 'agent';
/** The name by which the agent finds its port, in /sys/class/virtio-ports of the guest. */
export const AGENT_PORT = 'crossbpf.agent';

/** Where a guest's memory is kept. */
export type GuestMemory =
  | { readonly kind: 'anonymous' }
  /** A file that the guest's memory is written through to. */
  | { readonly kind: 'shared-file'; readonly path: string }
  /** A file that is only read: what the guest writes stays in its own process. */
  | { readonly kind: 'private-file'; readonly path: string };

export interface MachineOptions {
  readonly arch: GuestArchitecture;
  /** Path of the kernel's image: the uncompressed ELF on amd64. */
  readonly kernel: string;
  /** Path of the initramfs. */
  readonly initramfs: string;
  /** Further words for the kernel's command line. */
  readonly kernelWords?: readonly string[];
  readonly accelerator: Accelerator;
  /** Undefined where it is not known: then nothing is asked of QEMU that only some versions have. */
  readonly qemuVersion?: QemuVersion | undefined;
  /** In MiB. */
  readonly memoryMiB: number;
  /** Virtual time counts guest instructions (`-icount`); TCG only. */
  readonly countInstructions?: boolean;
}

export interface QemuCommandOptions extends MachineOptions {
  readonly memory: GuestMemory;
  /** Wait for a saved state on the inherited descriptor instead of booting. */
  readonly incoming?: boolean;
}

/** Physical memory of a `pc` is one piece below this, in MiB; hw/i386/pc_piix.c of QEMU. */
const ONE_PIECE_MIB = 2048;

/** Versions of QEMU that guests were rewound with, hundreds of times each. */
const REWINDING: readonly QemuVersion[] = [
  { major: 7, minor: 2 },
  { major: 8, minor: 2 },
  { major: 10, minor: 0 },
  { major: 11, minor: 1 },
];

/**
 * Whether a restored guest can be taken back to its snapshot. Only where that was tried: with those versions, and under
 * TCG, where it saves most; not with counted instructions, of which it is not known to count the same.
 */
export function isRewindable(machine: MachineOptions): boolean {
  const { arch, accelerator, memoryMiB, countInstructions = false, qemuVersion } = machine;
  const isTried = REWINDING.some(
    ({ major, minor }) => qemuVersion?.major === major && qemuVersion.minor === minor,
  );
  const isKind = arch === 'amd64' && accelerator === 'tcg' && !countInstructions;
  return isTried && isKind && memoryMiB <= ONE_PIECE_MIB;
}

/** Whether QEMU opens a guest's private memory for reading alone; before 8.2 such memory was a ROM. */
export function readsMemoryOnly({ qemuVersion }: MachineOptions): boolean {
  return qemuVersion !== undefined && isAtLeast(qemuVersion, { major: 8, minor: 2 });
}

/** The arguments for QEMU, without the binary. */
export function qemuArguments(options: QemuCommandOptions): string[] {
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...sandboxArguments(options),
    ...machineArguments(options),
    ...memoryArguments(options),
    ...deviceArguments(options.arch),
    ...(options.incoming ? incomingArguments(options) : kernelArguments(options)),
  ];
}

/**
 * What QEMU's own seccomp filter takes from it: a guest that breaks out can neither start programs nor gain rights.
 * A guest that is saved runs no fixture, and QEMU before 8.2 writes its state by starting `cat`.
 */
function sandboxArguments({ memory }: QemuCommandOptions): string[] {
  const denied = ['obsolete', 'elevateprivileges', 'resourcecontrol'];
  if (memory.kind !== 'shared-file') denied.push('spawn');
  return ['-sandbox', ['on', ...denied.map(group => `${group}=deny`)].join(',')];
}

function kernelArguments(options: QemuCommandOptions): string[] {
  const files = ['-kernel', inherited('kernel'), '-initrd', inherited('initramfs')];
  return [...files, '-append', kernelCommandLine(options)];
}

/** The kernel's command line: what every guest needs, then the machine's, then the caller's words. */
export function kernelCommandLine(options: MachineOptions): string {
  const { arch, accelerator, kernelWords = [] } = options;
  const machine = machines[arch];
  // Boot-time tests of ciphers take a seventh of a boot, and nothing later depends on them.
  const words = [`console=${machine.console}`, 'quiet', 'panic=-1', 'cryptomgr.notests'];
  const emulated = accelerator === 'tcg' ? EMULATED_WORDS : [];
  return [...words, ...emulated, ...machine.kernelWords, ...kernelWords].join(' ');
}

/**
 * A kernel warns of a processor that is stuck for twice this, in seconds; by default for 20 s, which an emulated program
 * takes for what is one on hardware. An emulated guest's clock also goes on while its machine sleeps. 60 is the most.
 */
const EMULATED_WORDS = ['watchdog_thresh=60'];

function machineArguments(options: QemuCommandOptions): string[] {
  const { arch, accelerator, countInstructions = false } = options;
  const machine = machines[arch];
  return [
    ...['-machine', machine.machine, '-accel', accelerator],
    ...['-cpu', cpuModel(machine, accelerator)],
    ...(countInstructions ? ['-icount', 'shift=0,sleep=off'] : []),
  ];
}

function memoryArguments(options: QemuCommandOptions): string[] {
  const { memory, memoryMiB } = options;
  const size = ['-m', `${memoryMiB}M`];
  if (memory.kind === 'anonymous') return size;
  const backend = `memory-backend-file,id=ram,size=${memoryMiB}M,mem-path=${inherited('memory')}`;
  const isShared = memory.kind === 'shared-file';
  const sharing = isShared
    ? 'share=on'
    : `share=off${readsMemoryOnly(options) ? ',readonly=on,rom=off' : ''}`;
  return [...size, '-object', `${backend},${sharing}`, '-machine', 'memory-backend=ram'];
}

function deviceArguments(arch: GuestArchitecture): string[] {
  const machine = machines[arch];
  return [
    ...['-chardev', `socket,id=monitor,fd=${DESCRIPTORS.monitor}`],
    ...['-mon', 'chardev=monitor,mode=control'],
    ...['-chardev', `file,id=console,path=${inherited('console')},append=on`],
    ...machine.consoleDevice('console'),
    ...['-device', `${machine.virtioSerial},max_ports=2`],
    ...['-chardev', `socket,id=agent,fd=${DESCRIPTORS.agent}`],
    ...['-device', `virtserialport,id=${AGENT_DEVICE},chardev=agent,name=${AGENT_PORT}`],
  ];
}

/**
 * A guest that is to be rewound has no kernel: QEMU would write it into the memory again each time that
 * a state is loaded. The ROM that starts one is all that is left of it in the machine.
 */
function incomingArguments(options: QemuCommandOptions): string[] {
  const incoming = ['-incoming', 'defer'];
  if (!isRewindable(options)) return [...kernelArguments(options), ...incoming];
  return [
    ...['-option-rom', 'pvh.bin'],
    ...['-chardev', `socket,id=qtest,fd=${DESCRIPTORS.qtest}`],
    ...['-object', 'qtest,id=qtest,chardev=qtest,log=none'],
    ...incoming,
  ];
}

/** The path by which QEMU finds a file that was opened for it. */
export function inherited(name: keyof typeof DESCRIPTORS): string {
  return `/proc/self/fd/${DESCRIPTORS[name]}`;
}
