import type { Fixture } from '../fixtures/fixture.ts';
import { reportAnswers } from '../report/report-answers.ts';
import type { Report } from '../report/report-schema.ts';
import { joinBroken, joinFixtures } from './join-fixtures.ts';
import { joinTargets } from './join-targets.ts';
import type { NamedBlob } from './read-blobs.ts';

/** One report of several, and the fixtures that it is about. */
export interface Merged {
  readonly report: Report;
  readonly fixtures: readonly Fixture[];
}

/**
 * Joins the reports of several machines, and compares all their targets as one run does.
 *
 * @throws CrossbpfError `USAGE_MERGE` for what does not belong together.
 */
export function mergeBlobs(blobs: readonly NamedBlob[], toolVersion: string): Merged {
  const fixtures = joinFixtures(blobs);
  const targets = joinTargets(blobs);
  const spans = blobs.map(({ blob: { report } }) => {
    const start = Date.parse(report.startedAt);
    return { start, end: start + report.durationMs };
  });
  const startedAt = Math.min(...spans.map(({ start }) => start));
  const durationMs = Math.max(...spans.map(({ end }) => end)) - startedAt;
  const report = reportAnswers({
    ...{ toolVersion, startedAt: new Date(startedAt), durationMs, targets, fixtures },
    broken: joinBroken(blobs),
  });
  return { report, fixtures };
}
