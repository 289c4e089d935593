import { WHOLE_OBJECT } from '../../run/observation.ts';
import type { Colors } from '../colors.ts';
import type { Report, ReportedFixture, ReportedProgram, ReportedResult } from '../report-schema.ts';
import { isToldByFailure } from '../told-by-failure.ts';
import { answerIn, isOfScenario } from './subjects.ts';

/** What one cell of the matrix says: one program on one target. */
export type Cell =
  | { readonly kind: 'answered'; readonly program: ReportedProgram }
  /** The fixture cannot be on the target's platform, or the object as a whole was not loaded there. */
  | { readonly kind: 'absent' }
  /** The target was lost, or never had. */
  | { readonly kind: 'lost' };

export function cellOf(result: ReportedResult | undefined, program: string): Cell {
  const answer = answerIn(result, program);
  const isUntold = program === WHOLE_OBJECT && result?.status === 'ran' && answer === undefined;
  if (result?.status === 'unsupported' || isUntold) return { kind: 'absent' };
  return answer === undefined ? { kind: 'lost' } : { kind: 'answered', program: answer };
}

/** The sign of a cell, one character wide: `○` the verifier accepts the program, and it was not loaded. */
export function signOf(cell: Cell, colors: Colors): string {
  if (cell.kind === 'lost') return colors.magenta('!');
  if (cell.kind === 'absent') return colors.dim('–');
  switch (cell.program.verdict) {
    case 'accept':
      return colors.green(cell.program.origin === 'verifier' ? '○' : '✓');
    case 'reject':
      return colors.red('✗');
    case 'unsupported':
      return colors.dim('–');
  }
}

/** The verifier's cost of an accepted program, in instructions; empty for any other cell. */
export function costOf(cell: Cell): string {
  if (cell.kind !== 'answered' || cell.program.verdict !== 'accept') return '';
  return cell.program.insns === null ? '' : String(cell.program.insns);
}

/**
 * The sign of a scenario on a target: `✗` something is not as expected there, `≠` it differs from most
 * targets and nothing declares that, `~` as declared, `–` no step was carried out, `!` no answer.
 */
export function scenarioSign(
  report: Report,
  { id, results }: ReportedFixture,
  { target, colors }: { readonly target: string; readonly colors: Colors },
): string {
  const result = results[target];
  if (result?.status === 'unsupported') return colors.dim('–');
  if (result?.status !== 'ran') return colors.magenta('!');
  const isHere = (each: { fixture: string; subject: string }) =>
    each.fixture === id && isOfScenario(each.subject);
  const failed = report.failedExpectations.filter(isHere).map(each => each.target);
  if (failed.includes(target)) return colors.red('✗');
  // A difference in which all others are not as declared is theirs.
  const differing = report.divergences.filter(
    each =>
      isHere(each) &&
      !isToldByFailure(each, report.failedExpectations) &&
      isOdd(each.values, target),
  );
  if (differing.some(each => !each.expected)) return colors.red('≠');
  if (differing.length > 0) return colors.yellow('~');
  const { steps } = result;
  return steps.length > 0 && steps.every(step => step.status === 'skipped')
    ? colors.dim('–')
    : colors.green('✓');
}

/** Whether a target says something else than most; of two halves, than the first. */
function isOdd(values: Readonly<Record<string, string>>, target: string): boolean {
  const groups = [...Map.groupBy(Object.keys(values), each => values[each]).values()];
  const largest = groups.reduce((most, group) => (group.length > most.length ? group : most));
  return target in values && !largest.includes(target);
}
