import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findBpfObjects } from '../../../harness/fixtures/embedded-objects.ts';
import { cacheRoot } from '../../../harness/storage/cache-root.ts';
import { listPackages, unpackPackage } from '../../support/debian-package.ts';

/** Packages with programs that people run; each in its newest version. */
export const PACKAGES = [
  'libbpf-tools',
  'bpftune',
  'libbpftune0',
  'xdp-tools',
  'libxdp1',
  'suricata',
] as const;

/**
 * Writes every object of the packages for this byte order into a folder, each once; gives their paths, sorted. A file is
 * named for the program that holds the object, and for its number in there; the second of a name for its digest, too.
 */
export async function writeDebianObjects(folder: string): Promise<string[]> {
  const cache = cacheRoot(process.env);
  const listed = await listPackages(PACKAGES, cache);
  const files = new Map<string, string>();
  for (const name of PACKAGES) {
    const newest = listed.find(each => each.name === name);
    if (newest === undefined) throw new Error(`no package ${name}`);
    for (const { bytes, byteOrder, name: found } of await findBpfObjects(
      await unpackPackage(newest, cache),
    )) {
      if (byteOrder === 'big') continue;
      const digest = createHash('sha256').update(bytes).digest('hex');
      if (files.has(digest)) continue;
      const plain = path.join(folder, `${nameOf(found)}.o`);
      const isTaken = [...files.values()].includes(plain);
      const file = isTaken ? plain.replace(/o$/, `${digest.slice(0, 6)}.o`) : plain;
      await writeFile(file, bytes);
      files.set(digest, file);
    }
  }
  return [...files.values()].sort();
}

function nameOf(found: string): string {
  return path
    .basename(found)
    .replace('#', '-')
    .replace(/\.(elf|o)$/, '');
}
