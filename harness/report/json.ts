import type { CreateReporter } from './reporter.ts';
import { jsonText } from './sinks/json.ts';

/** The document itself; `report.schema.json` describes it. */
export const createJsonReporter: CreateReporter = output => ({
  onReport(report) {
    output.write(jsonText(report));
  },
});
