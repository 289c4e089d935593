import { z } from 'zod';

export const BASELINE_SCHEMA = 'crossbpf/baseline@1';

/** What a target said of a program. */
const answer = z.strictObject({
  verdict: z.enum(['accept', 'reject', 'unsupported']),
  /** Why it was not accepted. */
  reason: z.string().optional(),
  /** The verifier's `processed N insns`, of an accepted program. */
  insns: z.number().int().nonnegative().optional(),
});
export type BaselineAnswer = z.infer<typeof answer>;

const byTarget = z.record(z.string(), answer);
/** Targets by what they said: `{ "XDP_PASS": ["linux@5.10", "linux@6.12"] }`. */
const targetsByValue = z.record(z.string(), z.array(z.string()));

const fixture = z.strictObject({
  programs: z.record(z.string(), byTarget),
  /** By step, map or variable: `step first packet`, `map counts`, `variable hits`. */
  scenario: z.record(z.string(), targetsByValue).default({}),
});
export type BaselineFixture = z.infer<typeof fixture>;

/** `crossbpf.baseline.json`: what is known of earlier runs, to be kept beside the sources. */
export const baselineSchema = z.strictObject({
  schema: z.literal(BASELINE_SCHEMA),
  /** The kernels that targets were: `{ "linux@6.12": "6.12.117" }`. */
  targets: z.record(z.string(), z.string()),
  fixtures: z.record(z.string(), fixture),
});
export type Baseline = z.infer<typeof baselineSchema>;

export const EMPTY_BASELINE: Baseline = { schema: BASELINE_SCHEMA, targets: {}, fixtures: {} };
