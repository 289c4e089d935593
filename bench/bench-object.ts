import path from 'node:path';
import { execa } from 'execa';
import { findCompiler } from '../harness/fixtures/find-compiler.ts';

const FLAGS = ['-target', 'bpf', '-O2', '-g', '-mcpu=v3', '-I/usr/include/x86_64-linux-gnu'];

/** Compiles a source of this folder, so that every tool is given the same file. */
export async function compileObject(
  source: string,
  object: string,
  flags: readonly string[] = [],
): Promise<void> {
  const compiler = await findCompiler({ environment: process.env });
  await execa(compiler.command, [
    ...FLAGS,
    ...flags,
    '-c',
    path.resolve(import.meta.dirname, source),
    '-o',
    object,
  ]);
}
