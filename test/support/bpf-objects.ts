import { glob, lstat, readFile } from 'node:fs/promises';
import path from 'node:path';

/** A BPF object that was found in a file, or that is one. */
export interface FoundObject {
  /** Unique in the folder: the path, with a number where the file holds objects within itself. */
  readonly name: string;
  readonly byteOrder: 'little' | 'big';
  readonly bytes: Buffer;
}

const MAGIC = Buffer.from('\x7fELF', 'latin1');
/** `EM_BPF` of <elf.h>. */
const EM_BPF = 247;
/** Sizes and offsets of Elf64_Ehdr and Elf64_Shdr. */
const HEADER = { length: 64, order: 5, machine: 18, sections: 40, entrySize: 58, entries: 60 };
const SECTION = { type: 4, offset: 24, size: 32 };
/** A section that takes no room in the file. */
const NOBITS = 8;

/**
 * Every BPF object below a folder: files of their own, and those that `bpftool gen skeleton` put into
 * a program's read-only data. Sorted by name; links are not followed.
 */
export async function findBpfObjects(folder: string): Promise<FoundObject[]> {
  const found: FoundObject[] = [];
  for (const file of (await Array.fromAsync(glob('**', { cwd: folder }))).sort()) {
    const full = path.join(folder, file);
    if ((await lstat(full)).isFile()) found.push(...objectsIn(await readFile(full), file));
  }
  return found;
}

/** The objects in the bytes of one file. */
export function objectsIn(bytes: Buffer, name: string): FoundObject[] {
  const found: FoundObject[] = [];
  for (let at = bytes.indexOf(MAGIC); at >= 0; at = bytes.indexOf(MAGIC, at + 1)) {
    const object = readObject(bytes.subarray(at));
    if (object === undefined) continue;
    found.push({ name: at === 0 ? name : `${name}#${found.length + 1}`, ...object });
  }
  return found;
}

function readObject(from: Buffer): Pick<FoundObject, 'byteOrder' | 'bytes'> | undefined {
  if (from.length < HEADER.length) return undefined;
  const byteOrder = from[HEADER.order] === 2 ? 'big' : 'little';
  const view = new DataView(from.buffer, from.byteOffset, from.length);
  const little = byteOrder === 'little';
  if (view.getUint16(HEADER.machine, little) !== EM_BPF) return undefined;
  return { byteOrder, bytes: Buffer.from(from.subarray(0, objectLength(view, little))) };
}

/** Up to the end of what lies last: a section, or the table of sections. */
function objectLength(view: DataView, little: boolean): number {
  const number = (at: number) => Number(view.getBigUint64(at, little));
  const table = number(HEADER.sections);
  const entrySize = view.getUint16(HEADER.entrySize, little);
  const entries = view.getUint16(HEADER.entries, little);
  let end = table + entries * entrySize;
  for (let at = table; at < table + entries * entrySize; at += entrySize) {
    if (view.getUint32(at + SECTION.type, little) === NOBITS) continue;
    end = Math.max(end, number(at + SECTION.offset) + number(at + SECTION.size));
  }
  return end;
}
