/** Sizes and offsets of Elf64_Ehdr and Elf64_Shdr, of struct btf_header and struct btf_type. */
const ELF = { sections: 40, entrySize: 58, entries: 60, names: 62, headerBytes: 64 };
const SECTION = { offset: 24, size: 32 };
const BTF = { headerBytes: 24, typeLength: 12, stringOffset: 16, typeBytes: 12 };
const POINTER = 2;

/** A map whose value is a pointer to a pointer, for `withPointers`. */
export const POINTER_SOURCE = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int); __type(value, int **); } pointers SEC(".maps");
SEC("xdp") int use(struct xdp_md *ctx) { int key = 0; return bpf_map_lookup_elem(&pointers, &key) ? XDP_PASS : XDP_DROP; }
`;

/**
 * The same object with further pointers in its types, each to the next, and the last to the first; all of its own
 * pointers to pointers lead to the first.
 */
export function withPointers(object: Buffer, count: number): Buffer {
  const { header, bytes } = findSection(object, '.BTF');
  const typeLength = bytes.readUInt32LE(BTF.typeLength);
  const types = bytes.subarray(BTF.headerBytes, BTF.headerBytes + typeLength);
  const strings = bytes.subarray(BTF.headerBytes + typeLength);
  const first = countTypes(types) + 1;
  const chain = Buffer.alloc(count * BTF.typeBytes);
  for (let at = 0; at < count; at += 1) {
    chain.writeUInt32LE((POINTER << 24) >>> 0, at * BTF.typeBytes + 4);
    chain.writeUInt32LE(first + ((at + 1) % count), at * BTF.typeBytes + 8);
  }
  const changed = Buffer.from(types);
  for (const at of pointersToPointers(changed)) changed.writeUInt32LE(first, at + 8);
  const head = Buffer.from(bytes.subarray(0, BTF.headerBytes));
  head.writeUInt32LE(typeLength + chain.length, BTF.typeLength);
  head.writeUInt32LE(typeLength + chain.length, BTF.stringOffset);
  const section = Buffer.concat([head, changed, chain, strings]);
  const result = Buffer.concat([object, section]);
  result.writeBigUInt64LE(BigInt(object.length), header + SECTION.offset);
  result.writeBigUInt64LE(BigInt(section.length), header + SECTION.size);
  return result;
}

/** A program for this machine's processor that holds the first bytes of so many BPF objects. */
export function withHeaders(count: number): Buffer {
  const header = Buffer.alloc(ELF.headerBytes);
  header.write('\x7fELF\x02\x01', 'latin1');
  const program = Buffer.from(header);
  program.writeUInt16LE(62, 18);
  header.writeUInt16LE(247, 18);
  header.writeUInt16LE(64, ELF.entrySize);
  return Buffer.concat([program, ...Array.from({ length: count }, () => header)]);
}

function findSection(object: Buffer, name: string) {
  const table = Number(object.readBigUInt64LE(ELF.sections));
  const at = (index: number) => table + index * object.readUInt16LE(ELF.entrySize);
  const rangeOf = (header: number) => {
    const offset = Number(object.readBigUInt64LE(header + SECTION.offset));
    return object.subarray(offset, offset + Number(object.readBigUInt64LE(header + SECTION.size)));
  };
  const names = rangeOf(at(object.readUInt16LE(ELF.names)));
  for (let index = 0; index < object.readUInt16LE(ELF.entries); index += 1) {
    const header = at(index);
    const start = object.readUInt32LE(header);
    const own = names.toString('latin1', start, names.indexOf(0, start));
    if (own === name) return { header, bytes: rangeOf(header) };
  }
  throw new Error(`no section ${name}`);
}

/** Where each type begins, with its kind. */
function* typesIn(types: Buffer): Generator<{ readonly at: number; readonly kind: number }> {
  for (let at = 0; at < types.length; ) {
    const info = types.readUInt32LE(at + 4);
    const kind = (info >>> 24) & 0x1f;
    yield { at, kind };
    at += BTF.typeBytes + extraBytes(kind, info & 0xffff);
  }
}

/** What follows struct btf_type, by kind; `length` is its vlen. */
function extraBytes(kind: number, length: number): number {
  const each: Readonly<Record<number, number>> = { 4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12 };
  const once: Readonly<Record<number, number>> = { 1: 4, 3: 12, 14: 4, 17: 4 };
  return (each[kind] ?? 0) * length + (once[kind] ?? 0);
}

function countTypes(types: Buffer): number {
  return [...typesIn(types)].length;
}

function pointersToPointers(types: Buffer): number[] {
  const all = [...typesIn(types)];
  const isPointer = (id: number) => all[id - 1]?.kind === POINTER;
  return all
    .filter(({ at, kind }) => kind === POINTER && isPointer(types.readUInt32LE(at + 8)))
    .map(({ at }) => at);
}
