import { Buffer } from 'node:buffer';

/** One thing in an archive. Paths are relative, without a leading slash; parents come before children. */
export type CpioEntry =
  | { readonly kind: 'folder'; readonly path: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly content: Uint8Array;
      readonly executable?: boolean;
    }
  | {
      readonly kind: 'character-device';
      readonly path: string;
      readonly major: number;
      readonly minor: number;
    };

/** File types of `st_mode`, as in the kernel's include/uapi/linux/stat.h. */
const FILE_TYPE = { folder: 0o040000, file: 0o100000, 'character-device': 0o020000 } as const;
const TRAILER = 'TRAILER!!!';
const ALIGNMENT = 4;

interface Header {
  readonly inode: number;
  readonly mode: number;
  readonly links: number;
  readonly size: number;
  readonly major: number;
  readonly minor: number;
  readonly name: string;
}

/**
 * The bytes of a `newc` cpio archive, the form that Linux unpacks as an initramfs
 * (Documentation/driver-api/early-userspace/buffer-format.rst).
 *
 * The same entries give the same bytes: owner root, time 0, inodes numbered from 1.
 */
export function cpioArchive(entries: readonly CpioEntry[]): Buffer {
  const parts = entries.flatMap((entry, index) => entryParts(entry, index + 1));
  const trailer = { inode: 0, mode: 0, links: 1, size: 0, major: 0, minor: 0, name: TRAILER };
  return Buffer.concat([...parts, header(trailer)]);
}

function entryParts(entry: CpioEntry, inode: number): Uint8Array[] {
  const content = entry.kind === 'file' ? entry.content : new Uint8Array();
  const device = entry.kind === 'character-device' ? entry : { major: 0, minor: 0 };
  const head = header({
    inode,
    mode: FILE_TYPE[entry.kind] | permissions(entry),
    links: entry.kind === 'folder' ? 2 : 1,
    size: content.length,
    major: device.major,
    minor: device.minor,
    name: entry.path,
  });
  return [head, content, padding(content.length)];
}

function permissions(entry: CpioEntry): number {
  switch (entry.kind) {
    case 'folder':
      return 0o755;
    case 'file':
      return entry.executable === true ? 0o755 : 0o644;
    case 'character-device':
      return 0o600;
  }
}

function header({ inode, mode, links, size, major, minor, name }: Header): Uint8Array {
  const nameBytes = Buffer.from(`${name}\0`);
  const owner = [0, 0];
  const time = 0;
  const ownDevice = [0, 0];
  const checksum = 0;
  const fields = [
    ...[inode, mode, ...owner, links, time, size, ...ownDevice],
    ...[major, minor, nameBytes.length, checksum],
  ];
  const numbers = fields.map(field => field.toString(16).padStart(8, '0')).join('');
  const bytes = Buffer.concat([Buffer.from(`070701${numbers}`), nameBytes]);
  return Buffer.concat([bytes, padding(bytes.length)]);
}

function padding(length: number): Uint8Array {
  return new Uint8Array((ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT);
}
