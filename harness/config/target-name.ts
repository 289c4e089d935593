import { CrossbpfError } from '../crossbpf-error.ts';
import type { Architecture, KernelReference } from '../kernels/kernel.ts';
import {
  MACHINE_EXAMPLES,
  type Machine,
  platformOf,
  type Remotes,
  readMachine,
} from './machine.ts';
import { nearest } from './nearest.ts';

/** A place where BPF runs, as a user names it. `id` is the one spelling of it that reports use. */
export type TargetName = LinuxVmTarget | MachineTarget;

/** `linux@6.12`, `linux@6.12.43`, `linux@7`, `linux@latest`, `linux:PATH`. */
export interface LinuxVmTarget {
  readonly kind: 'linux-vm';
  readonly id: string;
  readonly kernel: KernelReference;
  readonly arch: Architecture;
  /** False with `+nojit`: programs run in the interpreter. */
  readonly jit: boolean;
}

/** `linux-host`, `windows-ssh:ci@winbox`, or `windows@1.5` that the configuration says where to find. */
export interface MachineTarget {
  readonly kind: 'machine';
  readonly id: string;
  readonly platform: 'linux' | 'windows';
  /** The version of eBPF for Windows that the name promises; null where it promises none. */
  readonly version: string | null;
  readonly machine: Machine;
}

const ARCHITECTURES: ReadonlyMap<string, Architecture> = new Map([
  ['amd64', 'amd64'],
  ['x86_64', 'amd64'],
  ['x64', 'amd64'],
  ['arm64', 'arm64'],
  ['aarch64', 'arm64'],
  ['s390x', 's390x'],
]);

/** The architecture of a machine, from Node's name of it (`process.arch`). */
export function architectureOf(nodeArch: string): Architecture {
  return ARCHITECTURES.get(nodeArch) ?? 'amd64';
}

/**
 * Reads a target: `linux@6.12`, `linux@6.12.43`, `linux@7`, `linux@latest`, `linux:PATH`, then `/ARCH` and
 * `+nojit` where wanted; a machine (`linux-host`, `windows-ssh:ci@winbox`); or the name that `remotes` gives
 * one. Without `/ARCH` it is `hostArch`. The `id` names every architecture but amd64. Fails with
 * USAGE_BAD_TARGET, and with USAGE_NO_REMOTE for a version of eBPF for Windows that nothing says where to find.
 */
export function parseTargetName(
  text: string,
  hostArch: Architecture,
  remotes: Remotes = {},
): TargetName {
  const machine = remotes[text] ?? readMachine(text);
  if (machine !== undefined) return machineTarget(text, machine);
  const { base, arch: named, jit } = splitSuffixes(text);
  if (readMachine(base) !== undefined) {
    throw badTarget(text, 'a machine is taken as it is, without suffixes', base);
  }
  const kernel = parseKernel(base);
  if (kernel === undefined) {
    if (WINDOWS_VERSION.test(base)) throw noRemote(text, remotes);
    throw badTarget(text, 'not a target', suggestion(base, remotes));
  }
  const arch = named ?? hostArch;
  const suffix = (arch === 'amd64' ? '' : `/${arch}`) + (jit ? '' : '+nojit');
  return { kind: 'linux-vm', id: base + suffix, kernel, arch, jit };
}

const WINDOWS_VERSION = /^windows@(\d+(?:\.\d+){1,2})\b/;

function machineTarget(id: string, machine: Machine): MachineTarget {
  const [, version = null] = WINDOWS_VERSION.exec(id) ?? [];
  return { kind: 'machine', id, platform: platformOf(machine), version, machine };
}

interface Suffixes {
  readonly base: string;
  readonly arch: Architecture | undefined;
  readonly jit: boolean;
}

/** Suffixes in either order. A slash in a path is no suffix unless an architecture follows, last of all. */
function splitSuffixes(text: string): Suffixes {
  let base = text;
  let arch: Architecture | undefined;
  let jit = true;
  for (;;) {
    const named = ARCHITECTURES.get(/\/(\w+)$/.exec(base)?.[1] ?? '');
    if (jit && base.endsWith('+nojit')) {
      base = base.slice(0, -'+nojit'.length);
      jit = false;
    } else if (arch === undefined && named !== undefined) {
      base = base.slice(0, base.lastIndexOf('/'));
      arch = named;
    } else {
      return { base, arch, jit };
    }
  }
}

function parseKernel(base: string): KernelReference | undefined {
  if (base.startsWith('linux:') && base.length > 'linux:'.length) {
    return { kind: 'file', path: base.slice('linux:'.length) };
  }
  if (!base.startsWith('linux@')) {
    return undefined;
  }
  const version = base.slice('linux@'.length);
  if (version === 'latest') {
    return { kind: 'latest' };
  }
  if (/^\d+$/.test(version)) {
    return { kind: 'major', major: Number(version) };
  }
  if (/^\d+\.\d+$/.test(version)) {
    return { kind: 'series', series: version };
  }
  const isBuild = /^\d+\.\d+[.~-]?[\w.+~-]*\w$/.test(version) && !version.endsWith('+nojit');
  return isBuild ? { kind: 'build', version } : undefined;
}

/** What was meant, most likely. */
function suggestion(base: string, remotes: Remotes): string {
  const [version] = /\d+(?:\.\d+)*(?:-rc\d+)?/.exec(base) ?? [];
  const remote = nearest(base, Object.keys(remotes));
  if (remote !== undefined) return remote;
  if (/^(?:linux|windows)-[a-z]/.test(base)) {
    const kind = nearest(kindOf(base), MACHINE_EXAMPLES.map(kindOf));
    const example = MACHINE_EXAMPLES.find(each => kindOf(each) === kind);
    if (example !== undefined) return example;
  }
  if (/^win/i.test(base)) {
    return `windows@${version?.includes('.') ? version : '1.5'}`;
  }
  if (version !== undefined) {
    return `linux@${version}`;
  }
  if (/[./]/.test(base)) {
    return `linux:${base.replace(/^linux[@:]?/, '')}`;
  }
  return nearest(base, ['linux-host', 'linux@latest', 'windows@1.5']) ?? 'linux@6.12';
}

/** `linux-ssh` of `linux-ssh:user@host`. */
function kindOf(text: string): string {
  return text.split(':')[0] ?? '';
}

function badTarget(text: string, message: string, like: string): CrossbpfError {
  return new CrossbpfError({
    code: 'USAGE_BAD_TARGET',
    target: text,
    message: `${message}: did you mean ${like}?`,
    hint: `Targets are linux@6.12, linux@6.12.43, linux@7, linux@latest, linux:PATH, with /arm64 and +nojit; ${MACHINE_EXAMPLES.join(', ')}; and what the configuration's remotes name.`,
  });
}

function noRemote(text: string, remotes: Remotes): CrossbpfError {
  const known = Object.keys(remotes);
  const others = known.length === 0 ? '' : ` It names ${known.join(', ')}.`;
  return new CrossbpfError({
    code: 'USAGE_NO_REMOTE',
    target: text,
    message: 'the configuration does not say where this Windows machine is',
    hint: `Write remotes: { '${text}': 'windows-ssh:user@host' } into crossbpf.config.ts, or name a machine: -t windows-ssh:user@host, -t windows-vagrant, -t windows-local.${others}`,
  });
}
