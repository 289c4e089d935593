// `npm run write:schema`: publishes the report's schema.
import { fs } from 'zx';
import { reportJsonSchema } from '../harness/report/report-json-schema.ts';

const file = new URL('../harness/report/report.schema.json', import.meta.url);
await fs.writeFile(file, `${JSON.stringify(reportJsonSchema(), null, 2)}\n`);
