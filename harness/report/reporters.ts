import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { nearest } from '../config/nearest.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import { createDotReporter } from './dot.ts';
import { createJsonReporter } from './json.ts';
import { createMatrixReporter } from './matrix-reporter.ts';
import type { CreateReporter, Reporter, ReporterOutput } from './reporter.ts';

const REPORTERS: Readonly<Record<string, CreateReporter>> = {
  matrix: createMatrixReporter,
  dot: createDotReporter,
  json: createJsonReporter,
};

const FILE_COLUMNS = 120;

/** Reporters of a run, each writing to standard output or to its own file. */
export interface OpenReporters extends AsyncDisposable {
  readonly reporters: readonly Reporter[];
}

/**
 * Opens reporters by what `--reporter` says: `NAME` writes to standard output, `NAME=FILE` to a file.
 *
 * @throws CrossbpfError `USAGE_UNKNOWN_REPORTER`, `USAGE_TWO_REPORTERS` for two on standard output,
 * `USAGE_CANNOT_WRITE`.
 */
export async function openReporters(
  specifications: readonly string[],
  stdout: ReporterOutput,
): Promise<OpenReporters> {
  const parsed = specifications.map(parseSpecification);
  if (parsed.filter(({ file }) => file === undefined).length > 1) {
    throw new CrossbpfError({
      code: 'USAGE_TWO_REPORTERS',
      message: 'two reporters cannot both write to standard output',
      hint: 'Give all but one a file: --reporter json=report.json.',
    });
  }
  const files: FileOutput[] = [];
  const reporters: Reporter[] = [];
  for (const { create, file } of parsed) {
    if (file === undefined) reporters.push(create(stdout));
    else {
      const output = await openFile(file);
      files.push(output);
      reporters.push(create(output));
    }
  }
  return {
    reporters,
    async [Symbol.asyncDispose]() {
      for (const file of files) await file.close();
    },
  };
}

function parseSpecification(specification: string): { create: CreateReporter; file?: string } {
  const [name = '', ...rest] = specification.split('=');
  const create = REPORTERS[name];
  if (create !== undefined)
    return rest.length === 0 ? { create } : { create, file: rest.join('=') };
  const close = nearest(name, Object.keys(REPORTERS));
  throw new CrossbpfError({
    code: 'USAGE_UNKNOWN_REPORTER',
    message: `no reporter is called ${name}`,
    hint:
      close === undefined
        ? `There are ${Object.keys(REPORTERS).join(', ')}.`
        : `Did you mean ${close}?`,
  });
}

interface FileOutput extends ReporterOutput {
  close(): Promise<void>;
}

async function openFile(file: string): Promise<FileOutput> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const stream = createWriteStream(file);
    await new Promise((resolve, reject) => stream.once('open', resolve).once('error', reject));
    return {
      ...{ columns: FILE_COLUMNS, color: false, isTerminal: false },
      write: text => void stream.write(text),
      close: () => finished(stream.end()),
    };
  } catch (cause) {
    throw new CrossbpfError({
      code: 'USAGE_CANNOT_WRITE',
      message: `cannot write ${file}: ${(cause as Error).message}`,
      cause,
    });
  }
}
