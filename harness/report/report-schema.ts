import { z } from 'zod';

export const REPORT_SCHEMA = 'crossbpf/report@1';

const milliseconds = z.number().nonnegative();
const count = z.number().int().nonnegative();
const failure = z.strictObject({ code: z.string(), message: z.string() });

const target = z
  .strictObject({
    id: z.string().describe('As the user named it: linux@6.12'),
    platform: z.enum(['linux', 'windows']),
    release: z.string().nullable().describe('uname -r; null when the target could not be had'),
    upstream: z.string().nullable().describe('The upstream version, 6.12.107'),
    arch: z.string().nullable(),
    mode: z.enum(['vm', 'host', 'remote', 'static']),
    accel: z.enum(['tcg', 'kvm']).nullable(),
    start: z.enum(['boot', 'restore']).nullable(),
    startMs: milliseconds.nullable().describe('From the request to the first answer of the agent'),
    warnings: z.array(z.string()),
    error: failure.optional(),
  })
  .describe('One place where BPF ran');

const program = z.strictObject({
  type: z.string().describe('The program type: xdp, sched_cls, …'),
  section: z.string(),
  verdict: z.enum(['accept', 'reject', 'unsupported']),
  errno: z.string().nullable().describe('The error by name'),
  reason: z
    .string()
    .nullable()
    .describe("Why it was not accepted: the verifier's own words, or what is missing"),
  insns: count.nullable().describe("The verifier's `processed N insns`"),
  states: count.nullable().describe("The verifier's `total_states`"),
  stack: z.array(count).describe("The verifier's `stack depth`, bytes by subprogram"),
  loadMs: milliseconds,
  log: z.string(),
  logOmitted: count.describe('Bytes of the log that were left out of its middle'),
});

const programs = z.record(z.string(), program);

const result = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('ran'),
    durationMs: milliseconds,
    programs,
    kernelLog: z.array(z.string()),
  }),
  z.strictObject({
    status: z.literal('infra'),
    durationMs: milliseconds,
    programs,
    error: failure,
  }),
]);

const fixture = z.strictObject({
  id: z.string(),
  source: z.string(),
  compiler: z.strictObject({ version: z.string(), flags: z.array(z.string()) }).nullable(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('Of the object file'),
  results: z.record(z.string(), result).describe('By target id'),
});

const divergence = z.strictObject({
  fixture: z.string(),
  subject: z.string(),
  field: z.enum(['verdict', 'reason', 'kernelLog']),
  values: z.record(z.string(), z.string()).describe('By target id'),
  expected: z.boolean().describe('Whether the fixture declares it'),
  reason: z.string().optional().describe('What it declares, in words'),
  declaredAt: z.string().optional(),
});

const failedExpectation = z.strictObject({
  fixture: z.string(),
  program: z.string(),
  target: z.string(),
  expected: z.string(),
  actual: z.string(),
  declaredAt: z.string(),
});

const summary = z.strictObject({
  targets: count,
  fixtures: count,
  programs: count,
  accepted: count,
  rejected: count,
  unsupported: count,
  divergent: count.describe('Programs on which targets differ'),
  unexpected: count.describe('Unexpected divergences and failed expectations'),
  infrastructure: count.describe('Answers that could not be had'),
});

/** The document of a run. Every reporter, `merge`, the baseline and the HTML page read only this. */
export const reportSchema = z.strictObject({
  schema: z.literal(REPORT_SCHEMA),
  tool: z.strictObject({ version: z.string() }),
  startedAt: z.iso.datetime(),
  durationMs: milliseconds,
  targets: z.array(target).describe('In the order of their versions'),
  fixtures: z.array(fixture),
  divergences: z.array(divergence),
  failedExpectations: z.array(failedExpectation),
  summary,
});

export type Report = z.infer<typeof reportSchema>;
export type ReportedTarget = z.infer<typeof target>;
export type ReportedFixture = z.infer<typeof fixture>;
export type ReportedResult = z.infer<typeof result>;
export type ReportedProgram = z.infer<typeof program>;
export type ReportedDivergence = z.infer<typeof divergence>;
