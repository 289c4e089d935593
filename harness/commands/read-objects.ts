import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LoadedConfig } from '../config/load-config.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import { objectsIn } from '../fixtures/embedded-objects.ts';
import { findFixtures } from '../fixtures/find-fixtures.ts';
import type { FixtureSource } from '../fixtures/fixture.ts';
import type { CheckedFile } from '../portability/check-objects.ts';
import type { CommandContext } from './context.ts';
import { namedFixtures, prepareFixtures } from './prepare-fixtures.ts';

/** `EM_BPF` and `EM_NONE` of <elf.h>, which old compilers wrote. */
const BPF_MACHINES = [247, 0];

/**
 * The objects that a command line names, in files: sources are compiled, and a program that holds BPF objects within itself
 * (as skeletons do) gives each of them. What has to be written goes into the folder.
 *
 * @throws CrossbpfError `USAGE_BAD_OBJECT` for a program that holds none, or as `prepareFixtures` does.
 */
export async function readObjects(
  patterns: readonly string[],
  loaded: LoadedConfig,
  context: CommandContext & { readonly work: string },
): Promise<CheckedFile[]> {
  const { patterns: named, base } = namedFixtures(patterns, loaded, context);
  const sources = await findFixtures(named, base);
  const compiled = sources.filter(({ kind }) => kind === 'source');
  const paths = compiled.map(({ file }) => path.resolve(base, file));
  const fixtures =
    paths.length === 0
      ? []
      : await prepareFixtures(paths, loaded, { ...context, scenarios: false });
  const made = await Promise.all(
    fixtures.map(async ({ object }, index) => {
      const file = path.join(context.work, `source-${index}.o`);
      await writeFile(file, object);
      return { ...nameOf(compiled[index]), path: file };
    }),
  );
  const taken = await Promise.all(
    sources
      .filter(({ kind }) => kind === 'object')
      .map((source, index) =>
        takeObjects(source, path.resolve(base, source.file), { ...context, index }),
      ),
  );
  return [...made, ...taken.flat()].sort((a, b) => (a.file < b.file ? -1 : 1));
}

function nameOf(source: FixtureSource | undefined): Pick<CheckedFile, 'id' | 'file'> {
  return { id: source?.id ?? '', file: source?.file ?? '' };
}

async function takeObjects(
  { id, file }: FixtureSource,
  full: string,
  { work, index }: { readonly work: string; readonly index: number },
): Promise<CheckedFile[]> {
  const bytes = await readFile(full);
  const machine = bytes.length > 20 ? bytes.readUInt16LE(18) : 0;
  const swapped = bytes.length > 20 ? bytes.readUInt16BE(18) : 0;
  const isProgram = bytes.length > 20 && bytes.readUInt32BE(0) === 0x7f454c46;
  const isBpf = BPF_MACHINES.includes(machine) || BPF_MACHINES.includes(swapped);
  if (!isProgram || isBpf) return [{ id, file, path: full }];
  const found = objectsIn(bytes, file);
  if (found.length === 0) {
    throw new CrossbpfError({
      code: 'USAGE_BAD_OBJECT',
      message: 'a program, which holds no BPF object within itself',
      file,
      hint: 'Name a .bpf.c file, a BPF object file, or a program with a skeleton in it.',
    });
  }
  return Promise.all(
    found.map(async (object, number) => {
      const written = path.join(work, `embedded-${index}-${number}.o`);
      await writeFile(written, object.bytes);
      return { id: `${id}#${number + 1}`, file: `${file}#${number + 1}`, path: written };
    }),
  );
}
