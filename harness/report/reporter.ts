import type { RunEvent } from '../run/events.ts';
import type { Report } from './report-schema.ts';

/** Where a reporter writes, and what can be shown there. */
export interface ReporterOutput {
  write(text: string): void;
  /** Characters in a line. */
  readonly columns: number;
  readonly color: boolean;
  readonly isTerminal: boolean;
}

/** Shows a run. The report alone is enough for the result; events are for showing progress in it. */
export interface Reporter {
  onEvent?(event: RunEvent): void;
  onReport(report: Report): void;
}

/** What else a reporter may see of the world. */
export interface ReporterContext {
  readonly environment?: NodeJS.ProcessEnv;
  /** What the user calls this machine. */
  readonly label?: string | undefined;
}

export type CreateReporter = (output: ReporterOutput, context?: ReporterContext) => Reporter;
