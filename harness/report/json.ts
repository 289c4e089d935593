import type { CreateReporter } from './reporter.ts';

/** The document itself; `report.schema.json` describes it. */
export const createJsonReporter: CreateReporter = output => ({
  onReport(report) {
    output.write(`${JSON.stringify(report, null, 2)}\n`);
  },
});
