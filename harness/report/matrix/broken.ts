import type { Report, ReportedFixture } from '../report-schema.ts';
import type { Finding } from './finding.ts';

type FixtureError = NonNullable<ReportedFixture['error']>;

/** Where the compiler found the first error, and what it is. */
export interface CompilerError {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Which fixtures could not be run, and why. */
export function explainBroken(report: Report): Finding[] {
  return report.fixtures.flatMap(({ id, error }) =>
    error === undefined ? [] : [{ text: `${id}: ${describeBroken(error)}`, details: [] }],
  );
}

function describeBroken(error: FixtureError): string {
  const first = firstError(error);
  if (first !== undefined) {
    return `${error.message}: ${first.file}:${first.line}: ${first.text}`;
  }
  return error.hint === null ? error.message : `${error.message}. ${error.hint}`;
}

/** Of clang's `a.bpf.c:3:14: error: expected ';'`. */
export function firstError({ output }: FixtureError): CompilerError | undefined {
  const [, file, line, text] =
    /^(.+?):(\d+):\d+: (?:fatal )?error: (.*)$/m.exec(output ?? '') ?? [];
  if (file === undefined || line === undefined || text === undefined) return undefined;
  return { file, line: Number(line), text };
}
