import type { Fixture } from '../../harness/fixtures/fixture.ts';
import type { NamedBlob } from '../../harness/merge/read-blobs.ts';
import { blobSchema } from '../../harness/report/blob/blob-schema.ts';
import { createBlobReporter } from '../../harness/report/blob-reporter.ts';
import { reportAnswers } from '../../harness/report/report-answers.ts';
import type { Report } from '../../harness/report/report-schema.ts';
import type { ExecutedTarget } from '../../harness/run/execute.ts';
import type { FixtureObservation } from '../../harness/run/observation.ts';
import { FACTS } from './scripted-target.ts';

export interface Run {
  readonly fixtures: readonly Fixture[];
  readonly targets: readonly ExecutedTarget[];
  readonly label?: string;
}

/** A target that ran, with what it said of each fixture. */
export function answered(
  id: string,
  upstream: string,
  said: Readonly<Record<string, FixtureObservation>>,
): ExecutedTarget {
  const isWindows = id.startsWith('windows');
  const platform = isWindows ? 'windows' : 'linux';
  const mode = /^linux@\d/.test(id) ? 'vm' : 'host';
  const facts = { ...FACTS, platform, mode, release: `${upstream}-cloud` } as const;
  return { id, upstream, platform, facts, observations: new Map(Object.entries(said)) };
}

/** The report of a run. */
export function reportOf({ fixtures, targets }: Omit<Run, 'label'>): Report {
  const times = { startedAt: new Date(1_000_000), durationMs: 5000 };
  return reportAnswers({ toolVersion: '1.0.0', ...times, targets, fixtures });
}

/** What the reporter writes of a run. */
export function blobText({ fixtures, targets, label }: Run): string {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  const output = { write, columns: 120, color: false, isTerminal: false };
  const reporter = createBlobReporter(output, { label });
  reporter.onEvent?.({ type: 'fixtures:ready', fixtures });
  reporter.onReport(reportOf({ fixtures, targets }));
  return text;
}

/** A blob as it is read again. */
export function blobOf(file: string, run: Run): NamedBlob {
  return { file, blob: blobSchema.parse(JSON.parse(blobText(run))) };
}
