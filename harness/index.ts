export { type RunFixturesOptions, runFixtures } from './commands/run-fixtures.ts';
export { type Config, defineConfig, type UserConfig } from './config/config-schema.ts';
export { CrossbpfError } from './crossbpf-error.ts';
export {
  type Report,
  type ReportedDivergence,
  type ReportedFixture,
  type ReportedProgram,
  type ReportedResult,
  type ReportedTarget,
  reportSchema,
} from './report/report-schema.ts';
