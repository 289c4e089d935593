import type { RunFixturesOptions } from './commands/run-fixtures.ts';
import type { Report } from './report/report-schema.ts';

export type { RunFixturesOptions } from './commands/run-fixtures.ts';
export type { Config, UserConfig } from './config/config-schema.ts';
export { defineConfig } from './config/define-config.ts';
export { CrossbpfError } from './crossbpf-error.ts';
export { type Packet, packet } from './packets/packet.ts';
export type {
  Report,
  ReportedDivergence,
  ReportedFixture,
  ReportedProgram,
  ReportedResult,
  ReportedTarget,
} from './report/report-schema.ts';
export { defineScenario } from './scenarios/define-scenario.ts';
export type { Scenario, UserScenario } from './scenarios/scenario-schema.ts';

/**
 * Runs fixtures on targets as `crossbpf run` does, and gives the report. Nothing is printed.
 *
 * @throws CrossbpfError for usage: a fixture that does not compile, an unknown target. A target that
 * could not be had is in the report, as an `error` of the target or the status `infra` of a result.
 */
export async function runFixtures(options: RunFixturesOptions = {}): Promise<Report> {
  // A configuration imports this file for `defineConfig`, and should not pay for the rest.
  const commands = await import('./commands/run-fixtures.ts');
  return commands.runFixtures(options);
}
