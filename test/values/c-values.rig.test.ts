import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { createInspector } from '../../harness/agent/inspect-object.ts';
import type { InspectedSection } from '../../harness/agent/inspected-object.ts';
import { findCompiler } from '../../harness/fixtures/find-compiler.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { decodeValue } from '../../harness/values/decode-value.ts';
import { encodeValue } from '../../harness/values/encode-value.ts';
import { seeded } from '../support/seeded.ts';
import { PREAMBLE, randomSample } from './random-c.ts';

const MARK = '0xc7055bbf, 0x15c0ffee';

// The compiler lays out types and writes values without knowing of this project: both sides of it are compared with it.
describe.each(['bpfel', 'bpfeb'])('variables that clang wrote for %s', target => {
  test('are read as their source says, and written as clang did', async () => {
    const random = seeded(target === 'bpfel' ? 21 : 22);
    const samples = Array.from({ length: 150 }, (_, index) => randomSample(random, `v${index}`));
    const { variables, bytes } = await compile(
      [PREAMBLE, ...samples.map(({ types, declaration }) => `${types}\n${declaration}`)].join('\n'),
      target,
    );
    for (const [index, { value, declaration, types }] of samples.entries()) {
      const variable = variables.find(({ name }) => name === `v${index}`);
      const source = `${types}\n${declaration}`;
      if (variable === undefined) throw new Error(`no variable for ${source}`);
      const { offset, size, layout } = variable;
      expect(layout, source).not.toBeNull();
      const written = bytes.subarray(offset, offset + size);
      expect(decodeValue(written, layout), source).toMatchObject(value as object);
      expect(encodeValue(value, layout, size).toString('hex'), source).toBe(
        written.toString('hex'),
      );
    }
  });
});

interface Compiled {
  readonly variables: InspectedSection['variables'];
  /** Of the section that the variables are in. */
  readonly bytes: Buffer;
}

async function compile(source: string, target: string): Promise<Compiled> {
  await using folder = await openTempFolder('c-values');
  const [input, output] = [path.join(folder.path, 'a.c'), path.join(folder.path, 'a.o')];
  // A zero would put a variable into .bss.
  const marked = `${source}\nunsigned mark[] = { ${MARK} };\n`;
  await writeFile(
    input,
    marked.replaceAll(/ (v\d+) =/g, ' $1 __attribute__((section(".data"))) ='),
  );
  const { command } = await findCompiler({ environment: process.env });
  const headers = [
    '-idirafter',
    `/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`,
  ];
  const flags = ['-O2', '-g', '-target', target, '-Wno-everything', ...headers];
  await execa(command, [...flags, '-c', input, '-o', output]);
  const object = await readFile(output);
  const inspect = createInspector({
    packageRoot: path.resolve(import.meta.dirname, '../..'),
    cacheRoot: folder.path,
  });
  const inspected = await inspect(object, 'a.o');
  const variables = inspected.sections.find(({ name }) => name === '.data')?.variables ?? [];
  const mark = variables.find(({ name }) => name === 'mark');
  if (mark?.layout == null) throw new Error('the mark has no layout');
  const words = MARK.split(', ');
  const at = object.indexOf(encodeValue(words, mark.layout, mark.size));
  return { variables, bytes: object.subarray(at - mark.offset) };
}
