import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LoadedConfig } from '../config/load-config.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import { objectsIn } from '../fixtures/embedded-objects.ts';
import type { BrokenFixture, FixtureSource } from '../fixtures/fixture.ts';
import { readRegularFile } from '../fixtures/read-regular-file.ts';
import type { CheckedFile } from '../portability/check-objects.ts';
import { chooseSources } from './choose-sources.ts';
import type { CommandContext } from './context.ts';
import { formatError } from './failure.ts';
import { prepareFixtures } from './prepare-fixtures.ts';

/** `EM_BPF` and `EM_NONE` of <elf.h>, which old compilers wrote. */
const BPF_MACHINES = [247, 0];

/**
 * The objects that a command line names, in files: sources are compiled, and a program that holds BPF objects within itself
 * (as skeletons do) gives each of them. What has to be written goes into the folder.
 *
 * @throws CrossbpfError as `prepareFixtures` does.
 */
export async function readObjects(
  patterns: readonly string[],
  loaded: LoadedConfig,
  context: CommandContext & { readonly work: string },
): Promise<ReadObjects> {
  const { sources, base } = await chooseSources(patterns, loaded, context);
  const compiled = sources.filter(({ kind }) => kind === 'source');
  const { fixtures, broken } =
    compiled.length === 0
      ? { fixtures: [], broken: [] }
      : await prepareFixtures(patterns, loaded, {
          ...context,
          scenarios: false,
          chosen: { sources: compiled, base },
        });
  const made = await Promise.all(
    fixtures.map(async ({ object, types, ...source }, index) => {
      const file = path.join(context.work, `source-${index}.o`);
      await writeFile(file, object);
      return { ...nameOf(source), path: file, ...(types === undefined ? {} : { types }) };
    }),
  );
  const taken = await Promise.all(
    sources
      .filter(({ kind }) => kind === 'object')
      .map((source, index) =>
        takeOrSay(source, path.resolve(base, source.file), { ...context, index }),
      ),
  );
  const files = [...made, ...taken.flatMap(each => each.files)];
  return {
    files: files.sort((a, b) => (a.file < b.file ? -1 : 1)),
    broken: [...broken, ...taken.flatMap(each => each.broken)],
  };
}

/** Objects to check, and the files that there is none of, whose errors have been printed. */
export interface ReadObjects {
  readonly files: readonly CheckedFile[];
  readonly broken: readonly BrokenFixture[];
}

function nameOf({ id, file }: Pick<FixtureSource, 'id' | 'file'>) {
  return { id, file };
}

async function takeOrSay(
  source: FixtureSource,
  full: string,
  context: CommandContext & { readonly work: string; readonly index: number },
): Promise<ReadObjects> {
  try {
    return { files: await takeObjects(source, full, context), broken: [] };
  } catch (error) {
    if (!(error instanceof CrossbpfError)) throw error;
    context.stderr.write(formatError(error, context.stderr));
    return { files: [], broken: [{ ...source, error }] };
  }
}

async function takeObjects(
  { id, file }: FixtureSource,
  full: string,
  { work, index }: { readonly work: string; readonly index: number },
): Promise<CheckedFile[]> {
  const bytes = await readRegularFile(full, file);
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
