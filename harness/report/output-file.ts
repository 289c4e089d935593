import { constants } from 'node:fs';
import { access, mkdir, realpath, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { asError, CrossbpfError } from '../crossbpf-error.ts';
import { writeFileAtomically } from '../storage/atomic-write.ts';
import type { ReporterOutput } from './reporter.ts';

/** Takes what a reporter writes, and becomes a file at the end. */
export interface OutputFile extends ReporterOutput {
  /** Puts the file into its place, whole. */
  save(): Promise<void>;
}

const FILE_COLUMNS = 120;

/**
 * Opens a file to write to, relative to a folder. Folders above it are made when it is saved.
 *
 * @throws CrossbpfError `USAGE_CANNOT_WRITE` when it is plain already that it cannot be written;
 * `save` throws `INFRA_CANNOT_WRITE`.
 */
export async function openOutputFile(name: string, folder: string): Promise<OutputFile> {
  const file = path.resolve(folder, name);
  const problem = await whyNotWritable(file);
  if (problem !== undefined) throw cannotWrite({ code: 'USAGE_CANNOT_WRITE', name, problem });
  let text = '';
  return {
    ...{ columns: FILE_COLUMNS, color: false, isTerminal: false },
    write(more) {
      text += more;
    },
    async save() {
      await writeWhole(file, text).catch(cause => {
        const problem = asError(cause).message;
        throw cannotWrite({ code: 'INFRA_CANNOT_WRITE', name, problem, cause });
      });
    },
  };
}

async function whyNotWritable(file: string): Promise<string | undefined> {
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory()) return 'it is a folder';
  if (there !== undefined && !(await isWritable(file))) return 'it is not writable';
  if (there !== undefined) return undefined;
  const parent = await nearestExisting(path.dirname(file));
  const entry = await stat(parent);
  if (!entry.isDirectory()) return `${parent} is no folder`;
  return (await isWritable(parent)) ? undefined : `${parent} is not writable`;
}

async function isWritable(file: string): Promise<boolean> {
  return access(file, constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function nearestExisting(folder: string): Promise<string> {
  const there = await stat(folder).catch(() => undefined);
  return there === undefined ? nearestExisting(path.dirname(folder)) : folder;
}

/** A pipe or a device is written to; a link stays a link. */
async function writeWhole(file: string, text: string): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (there !== undefined && !there.isFile()) return writeFile(file, text);
  await makeFolder(path.dirname(file));
  await writeFileAtomically(there === undefined ? file : await realpath(file), text);
}

/** Node's own recursive mkdir does not end where nothing can be made, as in /proc. */
async function makeFolder(folder: string): Promise<void> {
  const existing = await nearestExisting(folder);
  const missing = path.relative(existing, folder).split(path.sep).filter(Boolean);
  let made = existing;
  for (const name of missing) {
    made = path.join(made, name);
    await mkdir(made);
  }
}

interface WriteProblem {
  readonly code: string;
  readonly name: string;
  readonly problem: string;
  readonly cause?: unknown;
}

function cannotWrite({ code, name, problem, cause }: WriteProblem): CrossbpfError {
  return new CrossbpfError({
    ...{ code, file: name, message: `it cannot be written: ${problem}`, cause },
    hint: 'Name another file: --reporter NAME=FILE.',
  });
}
