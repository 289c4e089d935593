import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { asError } from '../crossbpf-error.ts';
import { BLOB_SCHEMA, type Blob, blobSchema } from '../report/blob/blob-schema.ts';
import { REPORT_SCHEMA } from '../report/report-schema.ts';
import { cannotMerge } from './merge-error.ts';

/** A blob with the file that it was read from, as a user named it. */
export interface NamedBlob {
  readonly file: string;
  readonly blob: Blob;
}

export interface ReadBlobsOptions {
  /** What names are relative to. */
  readonly folder: string;
  readonly toolVersion: string;
}

const HOW = 'A blob is written by crossbpf run --reporter blob=FILE.';

/**
 * Reads blobs, of files or of all `.json` files in folders.
 *
 * @throws CrossbpfError `USAGE_MERGE` for one that is not there, is none, or was written by another version.
 */
export async function readBlobs(
  names: readonly string[],
  options: ReadBlobsOptions,
): Promise<NamedBlob[]> {
  const files = await Promise.all(names.map(name => filesOf(name, options.folder)));
  return Promise.all([...new Set(files.flat())].map(file => readBlob(file, options)));
}

async function filesOf(name: string, folder: string): Promise<string[]> {
  const there = await stat(path.resolve(folder, name)).catch(() => undefined);
  if (there === undefined) throw cannotMerge('no such file', { file: name, hint: HOW });
  if (!there.isDirectory()) return [name];
  const files = (await readdir(path.resolve(folder, name))).filter(file => file.endsWith('.json'));
  if (files.length === 0) {
    throw cannotMerge('there is no .json file in this folder', { file: name, hint: HOW });
  }
  return files.sort().map(file => path.join(name, file));
}

async function readBlob(file: string, { folder, toolVersion }: ReadBlobsOptions) {
  const json = parseJson(await readFile(path.resolve(folder, file), 'utf8'), file);
  const { schema, report } = headSchema.safeParse(json).data ?? {};
  if (schema !== BLOB_SCHEMA) throw otherSchema(file, schema);
  if (report?.tool.version !== toolVersion) {
    throw cannotMerge(
      `it was written by crossbpf ${report?.tool.version}, and this is ${toolVersion}`,
      { file, hint: 'Use the same version on all machines.' },
    );
  }
  const parsed = blobSchema.safeParse(json);
  if (parsed.success) return { file, blob: parsed.data };
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.');
  throw cannotMerge(`it is damaged: ${where}: ${issue?.message}`, { file, hint: HOW });
}

const headSchema = z.object({
  schema: z.string(),
  report: z.object({ tool: z.object({ version: z.string() }) }).optional(),
});

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw cannotMerge(`it is no JSON: ${asError(thrown).message}`, { file, hint: HOW });
  }
}

function otherSchema(file: string, schema: string | undefined) {
  if (schema === REPORT_SCHEMA) {
    return cannotMerge('it is a report, which lacks what fixtures declare', { file, hint: HOW });
  }
  if (schema?.startsWith('crossbpf/blob@') !== true) {
    return cannotMerge('it is no blob', { file, hint: HOW });
  }
  const hint = 'Use the same version of crossbpf on all machines.';
  return cannotMerge(`it is a ${schema}, and this version reads ${BLOB_SCHEMA}`, { file, hint });
}
