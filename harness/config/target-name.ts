import { CrossbpfError } from '../crossbpf-error.ts';
import type { Architecture, KernelReference } from '../kernels/kernel.ts';
import { nearest } from './nearest.ts';

/** A place where BPF runs, as a user names it. `id` is the one spelling of it that reports use. */
export type TargetName = LinuxVmTarget | LinuxHostTarget | WindowsTarget;

/** `linux@6.12`, `linux@6.12.43`, `linux@7`, `linux@latest`, `linux:PATH`. */
export interface LinuxVmTarget {
  readonly kind: 'linux-vm';
  readonly id: string;
  readonly kernel: KernelReference;
  readonly arch: Architecture;
  /** False with `+nojit`: programs run in the interpreter. */
  readonly jit: boolean;
}

/** `linux-host`: this machine, as it is. */
export interface LinuxHostTarget {
  readonly kind: 'linux-host';
  readonly id: 'linux-host';
}

/** `windows@1.5`: a version of eBPF for Windows. */
export interface WindowsTarget {
  readonly kind: 'windows';
  readonly id: string;
  readonly version: string;
  readonly arch: Architecture;
  readonly jit: boolean;
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
 * Reads a target: `linux@6.12`, `linux@6.12.43`, `linux@7`, `linux@latest`, `linux:PATH`, `linux-host` or
 * `windows@1.5`, then `/ARCH` and `+nojit` where wanted. Without `/ARCH` it is `hostArch`. The `id` names
 * every architecture but amd64. Fails with USAGE_BAD_TARGET.
 */
export function parseTargetName(text: string, hostArch: Architecture): TargetName {
  const { base, arch: named, jit } = splitSuffixes(text);
  if (base === 'linux-host') {
    if (base !== text) {
      throw badTarget(text, 'this machine is taken as it is, without suffixes', 'linux-host');
    }
    return { kind: 'linux-host', id: 'linux-host' };
  }
  const arch = named ?? hostArch;
  const suffix = (arch === 'amd64' ? '' : `/${arch}`) + (jit ? '' : '+nojit');
  const [, version] = /^windows@(\d+(?:\.\d+){1,2})$/.exec(base) ?? [];
  if (version !== undefined) {
    return { kind: 'windows', id: base + suffix, version, arch, jit };
  }
  const kernel = parseKernel(base);
  if (kernel === undefined) {
    throw badTarget(text, 'not a target', suggestion(base));
  }
  return { kind: 'linux-vm', id: base + suffix, kernel, arch, jit };
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
function suggestion(base: string): string {
  const [version] = /\d+(?:\.\d+)*(?:-rc\d+)?/.exec(base) ?? [];
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

function badTarget(text: string, message: string, like: string): CrossbpfError {
  return new CrossbpfError({
    code: 'USAGE_BAD_TARGET',
    target: text,
    message: `${message}: did you mean ${like}?`,
    hint: 'Targets are linux@6.12, linux@6.12.43, linux@7, linux@latest, linux:PATH, linux-host and windows@1.5; /arm64 and +nojit can follow.',
  });
}
