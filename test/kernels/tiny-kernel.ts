import { gzipSync } from 'node:zlib';

/** An ELF64 header for a machine, and after it the banner of a kernel; boots nowhere. */
export function tinyElf(release: string, machine = 62): Buffer {
  const header = Buffer.alloc(64);
  header.write('\x7fELF', 'latin1');
  header.set([2, 1, 1], 4);
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(machine, 18);
  return Buffer.concat([header, Buffer.from(`\0Linux version ${release} (test@test) #1 SMP\n\0`)]);
}

export interface TinyBzImage {
  readonly payload: Buffer;
  /** What the setup header says; absent: nothing. */
  readonly release?: string;
}

/** A bzImage of one setup sector: Documentation/arch/x86/boot.rst. */
export function tinyBzImage({ payload, release }: TinyBzImage): Buffer {
  const setup = Buffer.alloc(1024);
  setup[0x1f1] = 1;
  setup.write('HdrS', 0x202, 'latin1');
  setup.writeUInt16LE(0x20f, 0x206);
  if (release !== undefined) {
    setup.writeUInt16LE(0x300 - 0x200, 0x20e);
    setup.write(`${release} (test@test) #1 SMP\0`, 0x300, 'latin1');
  }
  setup.writeUInt32LE(16, 0x248);
  setup.writeUInt32LE(payload.length, 0x24c);
  return Buffer.concat([setup, Buffer.alloc(16), payload, Buffer.alloc(100)]);
}

/** A bzImage that is packed with gzip, for a release. */
export function tinyKernel(release: string): Buffer {
  return tinyBzImage({ payload: gzipSync(tinyElf(release)), release });
}

/** A module: an ELF64 object with the sections `.shstrtab` and `.modinfo`. */
export function tinyModule(info: readonly string[]): Buffer {
  const names = Buffer.from('\0.shstrtab\0.modinfo\0');
  const modinfo = Buffer.from(info.map(entry => `${entry}\0`).join(''));
  const header = Buffer.alloc(64);
  header.write('\x7fELF', 'latin1');
  header.set([2, 1, 1], 4);
  header.writeUInt16LE(1, 16);
  header.writeUInt16LE(62, 18);
  header.writeBigUInt64LE(BigInt(64 + names.length + modinfo.length), 40);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(3, 60);
  header.writeUInt16LE(1, 62);
  const section = (name: number, offset: number, size: number) => {
    const entry = Buffer.alloc(64);
    entry.writeUInt32LE(name, 0);
    entry.writeBigUInt64LE(BigInt(offset), 24);
    entry.writeBigUInt64LE(BigInt(size), 32);
    return entry;
  };
  const table = [
    Buffer.alloc(64),
    section(1, 64, names.length),
    section(11, 64 + names.length, modinfo.length),
  ];
  return Buffer.concat([header, names, modinfo, ...table]);
}
