import { nearest } from '../config/nearest.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import type { RunEvent } from '../run/events.ts';
import { createBlobReporter } from './blob-reporter.ts';
import { createDotReporter } from './dot.ts';
import { createGitHubReporter } from './github-reporter.ts';
import { createJsonReporter } from './json.ts';
import { createJUnitReporter } from './junit.ts';
import { createMatrixReporter } from './matrix-reporter.ts';
import { type OutputFile, openOutputFile } from './output-file.ts';
import type { Report } from './report-schema.ts';
import type { CreateReporter, Reporter, ReporterContext, ReporterOutput } from './reporter.ts';

const REPORTERS: ReadonlyMap<string, CreateReporter> = new Map([
  ['matrix', createMatrixReporter],
  ['dot', createDotReporter],
  ['json', createJsonReporter],
  ['junit', createJUnitReporter],
  ['github', createGitHubReporter],
  ['blob', createBlobReporter],
]);

/** Reporters of a run, each writing to standard output or to its own file. */
export interface OpenReporters {
  onEvent(event: RunEvent): void;
  /** Shows the report, and puts files into their places: a run that fails leaves none, and no part of one. */
  finish(report: Report): Promise<void>;
}

export interface OpenReportersOptions extends ReporterContext {
  readonly stdout: ReporterOutput;
  /** The folder that files are relative to. */
  readonly folder: string;
}

/**
 * Opens reporters by what `--reporter` says: `NAME` writes to standard output, `NAME=FILE` to a file.
 *
 * @throws CrossbpfError `USAGE_UNKNOWN_REPORTER`, `USAGE_TWO_REPORTERS` for two on standard output,
 * `USAGE_CANNOT_WRITE`.
 */
export async function openReporters(
  specifications: readonly string[],
  { stdout, folder, ...context }: OpenReportersOptions,
): Promise<OpenReporters> {
  const parsed = specifications.map(parseSpecification);
  // What GitHub's runner reads stands beside what people read.
  const shown = parsed.filter(
    each => each.file === undefined && each.create !== createGitHubReporter,
  );
  if (shown.length > 1) {
    throw new CrossbpfError({
      code: 'USAGE_TWO_REPORTERS',
      message: 'two reporters cannot both write to standard output',
      hint: 'Give all but one a file: --reporter json=report.json.',
    });
  }
  const files: OutputFile[] = [];
  const reporters: Reporter[] = [];
  for (const { create, file } of parsed) {
    if (file === undefined) reporters.push(create(stdout, context));
    else {
      const output = await openOutputFile(file, folder);
      files.push(output);
      reporters.push(create(output, context));
    }
  }
  return {
    onEvent(event) {
      for (const reporter of reporters) reporter.onEvent?.(event);
    },
    async finish(report) {
      for (const reporter of reporters) reporter.onReport(report);
      for (const file of files) await file.save();
    },
  };
}

function parseSpecification(specification: string): { create: CreateReporter; file?: string } {
  const [name = '', ...rest] = specification.split('=');
  const create = REPORTERS.get(name);
  if (create === undefined) throw unknownReporter(name);
  if (rest.length === 0) return { create };
  const file = rest.join('=');
  if (file !== '') return { create, file };
  throw new CrossbpfError({
    code: 'USAGE_CANNOT_WRITE',
    message: `--reporter ${specification} names no file`,
    hint: `Write --reporter ${name}=FILE, or --reporter ${name} for standard output.`,
  });
}

function unknownReporter(name: string): CrossbpfError {
  const names = [...REPORTERS.keys()];
  const close = nearest(name, names);
  return new CrossbpfError({
    code: 'USAGE_UNKNOWN_REPORTER',
    message: `no reporter is called "${name}"`,
    hint: `${close === undefined ? '' : `Did you mean ${close}? `}There are ${names.join(', ')}.`,
  });
}
