import type { ReportedDivergence, ReportedExpectation } from './report-schema.ts';

type Compared = Pick<ReportedDivergence, 'fixture' | 'subject' | 'field' | 'values' | 'expected'>;
type Failed = Pick<ReportedExpectation, 'fixture' | 'subject' | 'field' | 'target'>;

/**
 * Whether a difference that nothing declares is told by failed expectations: of all targets but those that
 * agree with each other, each fails one of that very thing.
 */
export function isToldByFailure(divergence: Compared, failed: readonly Failed[]): boolean {
  const { fixture, subject, field, values, expected } = divergence;
  if (expected) return false;
  const isSame = (each: Failed) =>
    each.fixture === fixture && each.subject === subject && each.field === field;
  const failing = failed.filter(isSame).map(({ target }) => target);
  const others = Object.keys(values).filter(target => !failing.includes(target));
  return failing.length > 0 && new Set(others.map(target => values[target])).size < 2;
}
