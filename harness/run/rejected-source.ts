import path from 'node:path';
import type { LoadedProgram } from '../agent/agent-session.ts';
import { excerptLog } from '../verifier-log/excerpt.ts';
import type { RejectedSource } from './observation.ts';

/** Where a program was rejected, its file named by the working folder. */
export function rejectedSource(program: LoadedProgram, folder: string): RejectedSource | null {
  if (program.source === null) return null;
  const { insn, function: name, at, trace } = program.source;
  return {
    ...{ insn, function: name },
    at: at === null ? null : { ...at, file: nameFile(at.file, folder) },
    steps: excerptLog(program.log.toString('utf8'), trace),
  };
}

/**
 * A relative name is taken as one in the working folder, where fixtures are compiled. One of an object that was
 * compiled elsewhere stays as it is.
 */
function nameFile(file: string, folder: string): string {
  const relative = path.isAbsolute(file) ? path.relative(folder, file) : path.normalize(file);
  return path.isAbsolute(file) && relative.startsWith('..') ? file : relative;
}
