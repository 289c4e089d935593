import { z } from 'zod';
import { inspectedObject } from '../../agent/inspected-object.ts';
import { VERDICTS } from '../../fixtures/directives.ts';
import type { BoundScenario } from '../../scenarios/bound-scenario.ts';
import { reportSchema } from '../report-schema.ts';
import { fromTagged } from './tagged-json.ts';

export const BLOB_SCHEMA = 'crossbpf/blob@1';

const digest = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * A scenario as it was bound, without the bytes of its files. Only the tool itself writes it, and reads none that
 * another version wrote, so that of its inside no more is checked than that it is one.
 */
const scenario = z
  .unknown()
  .transform(fromTagged)
  .pipe(
    z.looseObject({
      ...{ file: z.string(), text: z.string(), digest, programs: z.array(z.string()) },
      scenario: z.looseObject({ steps: z.array(z.unknown()), expect: z.array(z.unknown()) }),
      steps: z.array(z.looseObject({ name: z.string(), kind: z.string(), isSeed: z.boolean() })),
      dumps: z.array(z.unknown()),
    }),
  )
  .transform(bound => ({ files: [], ...bound }) as unknown as BoundScenario);

/** What a fixture is on a platform that the run has targets of. */
const form = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('made'),
    sha256: digest,
    compiler: z.strictObject({ version: z.string(), flags: z.array(z.string()) }).nullable(),
    inspected: inspectedObject,
    scenario: scenario.nullable(),
  }),
  z.strictObject({ kind: z.literal('unsupported'), reason: z.string() }),
  z.strictObject({
    kind: z.literal('foreign'),
    error: z.strictObject({ code: z.string(), message: z.string(), hint: z.string().optional() }),
  }),
]);

const fixture = z.strictObject({
  id: z.string(),
  file: z.string(),
  kind: z.enum(['source', 'object']),
  /** Of the source and its scenario. */
  digest,
  declared: z.array(
    z.strictObject({
      program: z.string(),
      verdict: z.enum(VERDICTS),
      range: z.string(),
      line: z.number().int(),
    }),
  ),
  forms: z.strictObject({ linux: form.optional(), windows: form.optional() }),
});

/** The report of one machine, with all that `crossbpf merge` needs to compare it with those of others. */
export const blobSchema = z.strictObject({
  schema: z.literal(BLOB_SCHEMA),
  /** What tells this machine from others of its kind; null where nothing was said. */
  label: z.string().nullable(),
  report: reportSchema,
  fixtures: z.array(fixture),
});

export type Blob = z.output<typeof blobSchema>;
export type BlobFixture = Blob['fixtures'][number];
export type BlobForm = NonNullable<BlobFixture['forms']['linux']>;
/** As it is written. */
export type WrittenBlob = z.input<typeof blobSchema>;
