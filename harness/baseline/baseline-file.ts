import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { asError, CrossbpfError } from '../crossbpf-error.ts';
import { writeFileAtomically } from '../storage/atomic-write.ts';
import { type Baseline, baselineSchema } from './baseline-schema.ts';
import { formatBaseline } from './format-baseline.ts';

export const BASELINE_FILE = 'crossbpf.baseline.json';

/**
 * Reads a baseline; null where there is no such file.
 *
 * @throws CrossbpfError `USAGE_BAD_BASELINE` for a file that is none.
 */
export async function readBaseline(file: string): Promise<Baseline | null> {
  const text = await readFile(file, 'utf8').catch(cause => {
    if (cause.code === 'ENOENT') return null;
    throw badBaseline(file, `it cannot be read (${cause.code})`, cause);
  });
  if (text === null) return null;
  const parsed = baselineSchema.safeParse(parseJson(text, file));
  if (parsed.success) return parsed.data;
  throw badBaseline(file, z.prettifyError(parsed.error).replaceAll('\n', ' '));
}

/**
 * Writes a baseline, whole or not at all.
 *
 * @throws CrossbpfError `USAGE_CANNOT_WRITE`.
 */
export async function writeBaseline(file: string, baseline: Baseline): Promise<void> {
  await writeFileAtomically(file, formatBaseline(baseline)).catch(cause => {
    throw new CrossbpfError({
      ...{ code: 'USAGE_CANNOT_WRITE', file, cause },
      message: `it cannot be written: ${asError(cause).message}`,
      hint: 'Name another file: --baseline FILE.',
    });
  });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const conflict = /^<{7} /m.test(text);
    throw badBaseline(file, conflict ? 'it has a merge conflict' : asError(cause).message, cause);
  }
}

function badBaseline(file: string, message: string, cause?: unknown): CrossbpfError {
  return new CrossbpfError({
    ...{
      code: 'USAGE_BAD_BASELINE',
      file: path.relative(process.cwd(), file) || file,
      message,
      cause,
    },
    hint: 'Mend it, or remove it and write it anew: crossbpf run --update.',
  });
}
