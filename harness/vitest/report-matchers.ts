import { renderFindings } from '../report/matrix/findings.ts';
import { answerIn } from '../report/matrix/subjects.ts';
import type { Report, ReportedProgram } from '../report/report-schema.ts';
import { showable } from '../report/sinks/showable.ts';

export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** Matchers for a report, as `expect.extend` takes them. */
export const reportMatchers = {
  toBeAsExpected(report: Report): MatcherResult {
    const { unexpected, infrastructure, broken } = report.summary;
    const lost =
      infrastructure + broken > 0 || report.targets.some(target => target.error !== undefined);
    return {
      pass: unexpected === 0 && !lost,
      message: () =>
        `expected nothing unexpected${renderFindings(showable(report), { columns: 120, color: false, wrap: false, onlyUnexpected: true })}`,
    };
  },

  toAccept(report: Report, program: string, target: string): MatcherResult {
    const answer = answerOf(report, program, target);
    return {
      pass: answer?.verdict === 'accept',
      message: () => `expected ${target} to accept ${program}; ${describe(answer)}`,
    };
  },

  toReject(report: Report, program: string, target: string, reason?: RegExp): MatcherResult {
    const answer = answerOf(report, program, target);
    const fits = reason === undefined || reason.test(answer?.reason ?? '');
    const wanted = reason === undefined ? '' : ` for ${reason}`;
    return {
      pass: answer?.verdict === 'reject' && fits,
      message: () => `expected ${target} to reject ${program}${wanted}; ${describe(answer)}`,
    };
  },
};

function answerOf(report: Report, program: string, target: string): ReportedProgram | undefined {
  const results = report.fixtures.map(fixture => answerIn(fixture.results[target], program));
  return results.find(answer => answer !== undefined);
}

function describe(answer: ReportedProgram | undefined): string {
  if (answer === undefined) return 'it gave no answer';
  return answer.reason === null
    ? `it said ${answer.verdict}`
    : `it said ${answer.verdict}: ${answer.reason}`;
}
