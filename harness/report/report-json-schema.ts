import { z } from 'zod';
import { reportSchema } from './report-schema.ts';

/** The report's schema as the JSON Schema document that is published as `report.schema.json`. */
export function reportJsonSchema(): unknown {
  return { title: 'A crossbpf report', ...z.toJSONSchema(reportSchema) };
}
