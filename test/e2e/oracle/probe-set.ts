import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { findCompiler } from '../../../harness/fixtures/find-compiler.ts';

const PROBES = path.join(import.meta.dirname, '../probes');
const FLAGS = ['-target', 'bpf', '-O2', '-g', '-mcpu=v3', '-Wall', '-Werror', '-Wno-unused'];
const HEADERS = ['-idirafter', '/usr/include/x86_64-linux-gnu'];

/**
 * Compiles the hand-made probes into a folder; gives the paths of the objects, sorted. A file is an object, with flags
 * of its own in its first line; the files of a folder are linked into one object.
 */
export async function compileProbes(folder: string): Promise<string[]> {
  const { command: clang } = await findCompiler({ environment: process.env });
  const link = path.join(folder, 'link');
  const source = path.join(import.meta.dirname, '../libbpf-loader/link.c');
  await execa('gcc', ['-O1', '-Wall', '-Werror', '-o', link, source, '-lbpf']);
  const entries = await readdir(PROBES, { withFileTypes: true });
  const objects: string[] = [];
  for (const entry of entries.toSorted((a, b) => a.name.localeCompare(b.name))) {
    const object = path.join(folder, `${path.basename(entry.name, '.c')}.o`);
    const from = path.join(PROBES, entry.name);
    if (entry.isDirectory()) await linkParts(from, { clang, link, object });
    else if (entry.name.endsWith('.c')) await compile(from, { clang, object });
    else continue;
    objects.push(object);
  }
  return objects;
}

interface Tools {
  readonly clang: string;
  /** The path of what is made. */
  readonly object: string;
}

async function compile(source: string, { clang, object }: Tools): Promise<void> {
  const flags = /^\/\/ flags: (.*)/.exec(await readFile(source, 'utf8'))?.[1]?.split(' ') ?? [];
  await execa(clang, [...FLAGS, ...HEADERS, ...flags, '-c', source, '-o', object]);
}

async function linkParts(
  folder: string,
  { clang, link, object }: Tools & { readonly link: string },
): Promise<void> {
  const parts: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const part = `${object}.${path.basename(name, '.c')}`;
    await compile(path.join(folder, name), { clang, object: part });
    parts.push(part);
  }
  await execa(link, [object, ...parts]);
}
