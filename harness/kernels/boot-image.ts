import type { Architecture } from './kernel.ts';

/** What the first bytes of a kernel file say about it. */
export type BootImage =
  /** An x86 bzImage: the compressed kernel is at `offset`, `length` bytes of it. */
  | {
      readonly kind: 'bzimage';
      readonly arch: 'amd64';
      readonly release: string | undefined;
      readonly offset: number;
      readonly length: number;
    }
  /** An ELF executable. */
  | { readonly kind: 'elf'; readonly arch: Architecture }
  /** An arm64 `Image`, which boots as it is. */
  | { readonly kind: 'arm64-image'; readonly arch: 'arm64' }
  /** An EFI program that unpacks itself; the compressed `Image` is at `offset`. */
  | {
      readonly kind: 'zboot';
      readonly arch: 'arm64';
      readonly offset: number;
      readonly length: number;
    }
  /** An s390x bzImage, which QEMU boots as it is. */
  | { readonly kind: 's390-image'; readonly arch: 's390x' }
  /** A compressed file, such as `Image.gz`. */
  | { readonly kind: 'gzip' };

/** Enough of a file for `recognizeBootImage`: the mark of an s390x kernel is what comes last. */
export const HEADER_BYTES = 0x10020;

/** Recognizes a kernel by its header; undefined for anything else. */
export function recognizeBootImage(header: Buffer): BootImage | undefined {
  if (header.length < 64) {
    return undefined;
  }
  return (
    recognizeElf(header) ??
    recognizeBzImage(header) ??
    recognizeZboot(header) ??
    recognizeArm64(header) ??
    recognizeS390(header) ??
    (header.readUInt16BE(0) === 0x1f8b ? { kind: 'gzip' } : undefined)
  );
}

/** Machines of ELF, little-endian ones and s390x, which is big-endian. */
const ELF_MACHINES: ReadonlyMap<string, Architecture> = new Map([
  ['little 62', 'amd64'],
  ['little 183', 'arm64'],
  ['big 22', 's390x'],
]);

function recognizeElf(header: Buffer): BootImage | undefined {
  const isElf64 = header.readUInt32BE(0) === 0x7f454c46 && header[4] === 2;
  const little = header[5] === 1;
  const read = (offset: number) =>
    little ? header.readUInt16LE(offset) : header.readUInt16BE(offset);
  const arch = ELF_MACHINES.get(`${little ? 'little' : 'big'} ${read(18)}`);
  // ET_EXEC or, with a relocatable kernel on arm64, ET_DYN; objects and core files are no kernels.
  const isExecutable = read(16) === 2 || read(16) === 3;
  return isElf64 && isExecutable && arch !== undefined ? { kind: 'elf', arch } : undefined;
}

/** The setup header: Documentation/arch/x86/boot.rst; `payload_offset` since protocol 2.08. */
function recognizeBzImage(header: Buffer): BootImage | undefined {
  if (header.length < 0x250 || header.toString('latin1', 0x202, 0x206) !== 'HdrS') {
    return undefined;
  }
  if (header.readUInt16LE(0x206) < 0x208) {
    return undefined;
  }
  const setupSectors = header[0x1f1] || 4;
  const versionAt = header.readUInt16LE(0x20e);
  return {
    kind: 'bzimage',
    arch: 'amd64',
    release: versionAt === 0 ? undefined : firstWord(header, versionAt + 0x200),
    offset: (setupSectors + 1) * 512 + header.readUInt32LE(0x248),
    length: header.readUInt32LE(0x24c),
  };
}

function firstWord(data: Buffer, at: number): string | undefined {
  return /^\d[^\s\0]*/.exec(data.toString('latin1', at, at + 128))?.[0];
}

/** drivers/firmware/efi/libstub/zboot-header.S */
function recognizeZboot(header: Buffer): BootImage | undefined {
  if (header.toString('latin1', 0, 2) !== 'MZ' || header.toString('latin1', 4, 8) !== 'zimg') {
    return undefined;
  }
  const offset = header.readUInt32LE(8);
  return { kind: 'zboot', arch: 'arm64', offset, length: header.readUInt32LE(12) };
}

/** Documentation/arch/arm64/booting.rst */
function recognizeArm64(header: Buffer): BootImage | undefined {
  const isImage = header.toString('latin1', 56, 60) === 'ARM\x64';
  return isImage ? { kind: 'arm64-image', arch: 'arm64' } : undefined;
}

/** arch/s390/boot/head.S: the entry point and behind it, at 0x10008, the mark. */
function recognizeS390(header: Buffer): BootImage | undefined {
  const isImage = header.toString('latin1', 0x10008, 0x1000e) === 'S390EP';
  return isImage ? { kind: 's390-image', arch: 's390x' } : undefined;
}

/** What `uname -r` will say, from the banner in an uncompressed kernel (init/version.c). */
export function bannerRelease(kernel: Buffer): string | undefined {
  const start = 'Linux version ';
  for (let at = kernel.indexOf(start); at !== -1; at = kernel.indexOf(start, at + 1)) {
    const release = firstWord(kernel, at + start.length);
    if (release !== undefined) {
      return release;
    }
  }
  return undefined;
}
