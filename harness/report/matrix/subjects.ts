import { ownProperty } from '../../own-property.ts';
import { answersIn, WHOLE_OBJECT } from '../../run/observation.ts';
import type { Report, ReportedFixture, ReportedProgram, ReportedResult } from '../report-schema.ts';

/**
 * The programs that any target answered, in the order of the object; and the object as a whole, where a target refuses
 * that.
 */
export function programsOf(fixture: ReportedFixture): string[] {
  const results = Object.values(fixture.results);
  const isRefused = results.some(
    result => result.status === 'ran' && result.object !== undefined && !isAccepted(result.object),
  );
  return [
    ...new Set(results.flatMap(result => Object.keys(result.programs))),
    ...(isRefused ? [WHOLE_OBJECT] : []),
  ];
}

function isAccepted({ verdict }: ReportedProgram): boolean {
  return verdict === 'accept';
}

/** What a target said of a program, or of the object as a whole. */
export function answerIn(
  result: ReportedResult | undefined,
  program: string,
): ReportedProgram | undefined {
  return result === undefined ? undefined : ownProperty(answersIn(result), program);
}

/** `may-goto`, `atomics › fetch_add`, `counters › step first packet`: a program alone in its fixture needs no name. */
export function subjectName(report: Report, id: string, subject: string): string {
  const fixture = report.fixtures.find(each => each.id === id);
  const programs = fixture === undefined ? [] : programsOf(fixture);
  const isAlone = programs.length < 2 && !isOfScenario(subject);
  return isAlone || subject === id ? id : `${id} › ${subject}`;
}

/** Whether a subject is a step, a map or a variable: what a scenario brings. */
export function isOfScenario(subject: string): boolean {
  return /^(step|map|variable) /.test(subject);
}

/** A subject without the place inside of its value. */
export function rootOf({ subject, path }: { subject: string; path: string }): string {
  return path === '' ? subject : subject.slice(0, -path.length);
}

const PARTICIPLES: Readonly<Record<string, string>> = {
  ...{ reject: 'rejected', unsupported: 'not supported', accept: 'accepted' },
} satisfies Record<ReportedProgram['verdict'], string>;

/** What a verdict means for the program. */
export function participle(verdict: string): string {
  return PARTICIPLES[verdict] ?? verdict;
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  ...{ reason: 'reason', insns: 'instructions', states: 'states', stack: 'stack' },
  ...{ errno: 'outcome', retval: 'return value', dataOut: 'data', message: 'message' },
};

/** What of a subject is meant, in words; empty where the subject says it. */
export function fieldName(field: string): string {
  return FIELD_NAMES[field] ?? '';
}

/** Why a program was not accepted, or a step failed, on the last of some targets. */
export function explanationOn(
  report: Report,
  { fixture: id, subject }: { fixture: string; subject: string },
  targets: readonly string[],
): string | null {
  const fixture = report.fixtures.find(each => each.id === id);
  const result = fixture?.results[targets.at(-1) ?? ''];
  const step = result?.status === 'ran' ? result.steps : [];
  const failed = step.find(({ name }) => `step ${name}` === subject)?.message;
  return answerIn(result, subject)?.reason ?? (failed || null);
}
