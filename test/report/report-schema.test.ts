import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { reportJsonSchema } from '../../harness/report/report-json-schema.ts';
import { reportSchema } from '../../harness/report/report-schema.ts';
import { program, report } from '../support/report-builder.ts';

const published = JSON.parse(
  readFileSync(new URL('../../harness/report/report.schema.json', import.meta.url), 'utf8'),
);

const example = report({
  targets: { 'linux@6.12': '6.12.117' },
  fixtures: { 'may-goto': { 'linux@6.12': { counted: program() } } },
});

test('the published JSON Schema is the one that the code holds (npm run write:schema)', () => {
  expect(published).toEqual(reportJsonSchema());
});

test('a report is valid by both', () => {
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(published);
  expect(reportSchema.parse(example)).toEqual(example);
  expect(validate(example), JSON.stringify(validate.errors)).toBe(true);
});

test('what is no report is valid by neither', () => {
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(published);
  for (const wrong of [{}, { ...example, schema: 'crossbpf/report@0' }, { ...example, extra: 1 }]) {
    expect(reportSchema.safeParse(wrong).success).toBe(false);
    expect(validate(wrong)).toBe(false);
  }
});
