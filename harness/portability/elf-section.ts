/** Offsets in Elf64_Ehdr and Elf64_Shdr. */
const HEADER = { length: 64, order: 5, sections: 40, entrySize: 58, entries: 60, names: 62 };
const SECTION = { name: 0, offset: 24, size: 32 };

/** The bytes of a section of an ELF file of 64 bits; undefined where it is no such file or has no such section. */
export function findSection(file: Buffer, wanted: string): Buffer | undefined {
  if (file.length < HEADER.length || file.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const little = file[HEADER.order] === 1;
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const number = (at: number) => Number(view.getBigUint64(at, little));
  const table = number(HEADER.sections);
  const size = view.getUint16(HEADER.entrySize, little);
  const count = view.getUint16(HEADER.entries, little);
  if (table + size * count > file.length) return undefined;
  const bytes = (index: number) => {
    const at = table + size * index;
    const offset = number(at + SECTION.offset);
    return file.subarray(offset, offset + number(at + SECTION.size));
  };
  const names = bytes(view.getUint16(HEADER.names, little));
  for (let index = 0; index < count; index += 1) {
    const name = view.getUint32(table + size * index + SECTION.name, little);
    const end = names.indexOf(0, name);
    if (names.toString('latin1', name, end) === wanted) return bytes(index);
  }
  return undefined;
}
