import { ownProperty } from '../../own-property.ts';
import type { Report, ReportedFixture, ReportedProgram } from '../report-schema.ts';

/** The programs that any target answered, in the order of the object. */
export function programsOf(fixture: ReportedFixture): string[] {
  return [
    ...new Set(Object.values(fixture.results).flatMap(result => Object.keys(result.programs))),
  ];
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
  return ownProperty(result?.programs, subject)?.reason ?? (failed || null);
}
