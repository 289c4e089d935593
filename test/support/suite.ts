import { processContext } from '../../harness/commands/context.ts';
import { findPackage } from '../../harness/commands/find-package.ts';
import { prepareFixtures } from '../../harness/commands/prepare-fixtures.ts';
import { produceReport } from '../../harness/commands/produce-report.ts';
import { StartedTargets } from '../../harness/commands/started-targets.ts';
import { loadConfig } from '../../harness/config/load-config.ts';
import type { Fixture } from '../../harness/fixtures/fixture.ts';
import type { Report } from '../../harness/report/report-schema.ts';
import type { Isolation } from '../../harness/run/plan.ts';
import { PACKAGE_ROOT } from './command-line.ts';
import { share } from './share.ts';

export interface SuiteRun {
  readonly fixtures: readonly Fixture[];
  readonly report: Report;
}

export interface Way {
  /** Boot every guest. */
  readonly fresh: boolean;
  readonly isolation: Isolation;
  /** Fixtures to run; none: all. */
  readonly patterns: readonly string[];
}

/** Runs this repository's own suite on the kernels of its own configuration. */
export async function runSuite(way: Way): Promise<SuiteRun> {
  const { patterns, isolation } = way;
  const context = suiteContext();
  const found = await loadConfig(PACKAGE_ROOT);
  const loaded = { ...found, config: { ...found.config, isolation } };
  const { fixtures, broken } = await prepareFixtures(patterns, loaded, context);
  const listener = () => {};
  const run = () => {
    const options = { targets: [], accel: 'auto', fresh: way.fresh } as const;
    const targets = new StartedTargets({ loaded, context, listener, options });
    return produceReport({
      ...{ fixtures, broken, targets, loaded, context, listener, options: { log: 'short' } },
    });
  };
  const report = patterns.length > 0 ? await run() : await share(nameOf(way), run);
  return { fixtures, report };
}

/** The suite as one booted guest of each kernel answers; it runs once in a run of vitest, whoever asks. */
export function runBootedSuite(patterns: readonly string[] = []): Promise<SuiteRun> {
  return runSuite({ fresh: true, isolation: 'target', patterns });
}

/** All fixtures of the suite, prepared. */
export async function suiteFixtures(): Promise<readonly Fixture[]> {
  const loaded = await loadConfig(PACKAGE_ROOT);
  return (await prepareFixtures([], loaded, suiteContext())).fixtures;
}

function suiteContext() {
  const { signal } = new AbortController();
  const place = findPackage(import.meta.dirname);
  return { ...processContext({ ...place, signal }), folder: PACKAGE_ROOT };
}

function nameOf({ fresh, isolation }: Way): string {
  return `suite-${fresh ? 'booted' : 'restored'}-by-${isolation}`;
}
