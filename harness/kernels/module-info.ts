/** What a kernel module says of itself. */
export interface ModuleInfo {
  /** Modules that must be there before it, by name. */
  readonly depends: readonly string[];
  /** Modules that it works better with (`softdep: pre: …`). */
  readonly wants: readonly string[];
}

/**
 * Reads the `.modinfo` section of an uncompressed module: strings `key=value`, each ended by a zero.
 * Debian's packages hold no modules.dep (depmod writes it when they are installed), so this is where
 * the dependencies come from, as they do for depmod.
 */
export function readModuleInfo(module: Buffer): ModuleInfo {
  const section = findSection(module, '.modinfo');
  const entries = section?.toString('latin1').split('\0') ?? [];
  const values = (key: string) =>
    entries.filter(entry => entry.startsWith(`${key}=`)).map(entry => entry.slice(key.length + 1));
  const depends = values('depends').flatMap(list => list.split(','));
  const wants = values('softdep').flatMap(preconditions);
  return { depends: names(depends), wants: names(wants) };
}

/** `pre: a b post: c` → a, b; see modprobe.d(5). */
function preconditions(softdep: string): string[] {
  return (/pre:(.*?)(?:post:|$)/.exec(softdep)?.[1] ?? '').split(/\s+/);
}

function names(list: readonly string[]): string[] {
  return list.filter(name => name !== '').map(moduleName);
}

/** The name under which the kernel knows a module: file names spell some with a dash. */
export function moduleName(fileName: string): string {
  return fileName.replace(/\.ko(?:\.\w+)?$/, '').replaceAll('-', '_');
}

/** A section of an ELF64 file, of either byte order. */
function findSection(file: Buffer, wanted: string): Buffer | undefined {
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46) {
    return undefined;
  }
  const read = fieldReader(file);
  const [table, size, count, namesIndex] = [read.u64(40), read.u16(58), read.u16(60), read.u16(62)];
  const contents = (index: number) => {
    const header = table + index * size;
    return file.subarray(read.u64(header + 24), read.u64(header + 24) + read.u64(header + 32));
  };
  const nameTable = contents(namesIndex);
  for (let index = 0; index < count; index += 1) {
    const nameAt = read.u32(table + index * size);
    if (nameTable.toString('latin1', nameAt, nameTable.indexOf(0, nameAt)) === wanted) {
      return contents(index);
    }
  }
  return undefined;
}

function fieldReader(file: Buffer) {
  const little = file[5] === 1;
  return {
    u16: (at: number) => (little ? file.readUInt16LE(at) : file.readUInt16BE(at)),
    u32: (at: number) => (little ? file.readUInt32LE(at) : file.readUInt32BE(at)),
    u64: (at: number) => Number(little ? file.readBigUInt64LE(at) : file.readBigUInt64BE(at)),
  };
}
