import { loadConfig } from '../config/load-config.ts';
import { platformsOf } from '../config/platform.ts';
import type { Report } from '../report/report-schema.ts';
import { processContext } from './context.ts';
import { findPackage } from './find-package.ts';
import { namedTargets } from './named-targets.ts';
import { prepareFixtures } from './prepare-fixtures.ts';
import { produceReport } from './produce-report.ts';
import { StartedTargets } from './started-targets.ts';

export interface RunFixturesOptions {
  /** Files, folders or globs, relative to the working folder; default: the configuration's. */
  readonly fixtures?: readonly string[];
  /** Such as `linux@6.12`; default: the configuration's. */
  readonly targets?: readonly string[];
  /** The types of programs whose section does not say it, by name: `{ filter: 'socket_filter' }`. */
  readonly types?: Readonly<Record<string, string>>;
  /** The configuration file; default: the nearest `crossbpf.config.ts`. */
  readonly config?: string;
  readonly signal?: AbortSignal;
}

/**
 * Runs fixtures on targets as `crossbpf run` does, and gives the report. Nothing is printed.
 *
 * A fixture that does not compile has an `error` in the report; so has a target that could not be had, or a result the
 * status `infra`.
 *
 * @throws CrossbpfError for usage: a file that is not there, an unknown target.
 */
export async function runFixtures(options: RunFixturesOptions = {}): Promise<Report> {
  const { fixtures: patterns = [], targets = [], types, config, signal } = options;
  const place = findPackage(import.meta.dirname);
  const context = processContext({ ...place, signal: signal ?? new AbortController().signal });
  const loaded = await loadConfig(context.folder, config);
  // A test that runs again in this process may have been edited with its scenario.
  const generation = Math.floor(context.now());
  const platforms = platformsOf(namedTargets(targets, loaded));
  const prepared = await prepareFixtures(patterns, loaded, {
    ...{ ...context, generation, platforms, types, targets },
  });
  const listener = () => {};
  const started = new StartedTargets({
    ...{ loaded, context, listener },
    options: { targets, accel: 'auto', fresh: false },
  });
  return produceReport({
    ...{ ...prepared, targets: started, loaded, context, listener, options: { log: 'short' } },
  });
}
