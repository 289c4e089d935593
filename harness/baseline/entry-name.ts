import type { ReportedFixture } from '../report/report-schema.ts';
import type { Baseline } from './baseline-schema.ts';

/**
 * The name under which a baseline has a fixture. A run of all fixtures names those by their files that share a name; in
 * a run of some, one of them may stand alone with that name.
 */
export function entryName(
  { id, source }: Pick<ReportedFixture, 'id' | 'source'>,
  { fixtures }: Pick<Baseline, 'fixtures'>,
): string {
  return Object.hasOwn(fixtures, source) ? source : id;
}
