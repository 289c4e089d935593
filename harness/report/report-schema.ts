import { z } from 'zod';
import { ORIGINS } from '../agent/messages.ts';
import { DIVERGENCE_FIELDS, EXPECTED_FIELDS } from '../compare/divergence.ts';

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
    runtime: z
      .strictObject({ name: z.string(), version: z.string() })
      .nullable()
      .describe('What runs BPF programs where that is not the kernel: eBPF for Windows'),
    mode: z.enum(['vm', 'host', 'remote', 'static']),
    accel: z.enum(['tcg', 'kvm']).nullable(),
    start: z.enum(['boot', 'restore']).nullable(),
    startMs: milliseconds.nullable().describe('From the request to the first answer of the agent'),
    warnings: z.array(z.string()),
    error: failure.optional(),
    predictions: z
      .array(
        z.strictObject({
          fixture: z.string(),
          program: z.string(),
          outcome: z.enum(['loads', 'stops', 'unknown']),
          stops: z.array(z.string()).describe('What is not there: helper bpf_loop: not on Windows'),
        }),
      )
      .optional()
      .describe('With mode static: what tables say of a machine that was not reached; no verdicts'),
  })
  .describe('One place where BPF ran');

const source = z
  .strictObject({
    insn: count.describe('As the verifier counts: over the program and the subprograms behind it'),
    function: z.string().describe('Empty where the object has no names'),
    at: z
      .strictObject({
        file: z.string().describe('Relative to the working folder, or as the compiler named it'),
        line: count,
        column: count.describe('From 1; 0 where it is not known'),
        text: z.string().describe('The line as it was when it was compiled'),
      })
      .nullable()
      .describe('Null where the object has no information on lines'),
    steps: z
      .array(
        z.strictObject({
          insn: count,
          text: z.string(),
          state: z.record(z.string(), z.string()).describe('What changed, by register or slot'),
        }),
      )
      .describe('The last instructions that the verifier followed, the rejected one last'),
  })
  .describe('Where the verifier found something wrong');

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
  source: source.nullable().describe('Null where it was not rejected, or the verifier did not say'),
  origin: z
    .enum(ORIGINS)
    .describe(
      'How the answer came about: kernel (Linux loaded it, or refused to), verifier (nothing was loaded), native (as a native image of eBPF for Windows), jit (as instructions, there)',
    ),
  notLoaded: z
    .string()
    .nullable()
    .describe('Why an accepted program was only verified; null where it was loaded'),
  notes: z
    .array(z.string())
    .describe('What the loader did on its own: sizes that it supplied, types that it left out'),
  analysis: z
    .strictObject({ unreachable: count, warnings: count, maxLoopCount: count })
    .nullable()
    .describe('What the verifier of eBPF for Windows counts; null on Linux'),
  loadMs: milliseconds,
  log: z.string(),
  logOmitted: count.describe('Bytes of the log that were left out of its middle'),
});

const STEP_KINDS = [
  ...(['run', 'attach', 'detach', 'trigger', 'read'] as const),
  ...(['lookup', 'take', 'pop', 'update', 'delete'] as const),
] as const;

const step = z.strictObject({
  name: z.string().describe('Unique in the scenario'),
  kind: z.enum(STEP_KINDS),
  subject: z.string().describe('The program, map or event, in words'),
  status: z
    .enum(['ok', 'failed', 'skipped'])
    .describe('skipped: it needs a program that this target did not accept'),
  errno: z.string().nullable().describe('The error by name'),
  message: z.string().describe('What failed, or why it was skipped; empty when it is ok'),
  retval: count.nullable().describe('What the program returned: 32 bits, unsigned'),
  retvalName: z.string().nullable().describe('That value by name: XDP_PASS, -EPERM'),
  dataOut: z.string().nullable().describe('The data when the program was done with it, 0x…'),
  value: z
    .json()
    .nullable()
    .describe('What was read: entries, one value, records, or lines of text'),
  runNs: z.number().nonnegative().nullable().describe('How long one run took, as the kernel says'),
});

const map = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('entries'),
    entries: z.array(z.strictObject({ key: z.json(), value: z.json() })),
  }),
  z.strictObject({ kind: z.literal('unreadable'), message: z.string() }),
]);

const programs = z.record(z.string(), program);

const result = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('ran'),
    durationMs: milliseconds,
    programs,
    object: program
      .optional()
      .describe(
        'How all programs load with the maps that they share; absent where that could show nothing new',
      ),
    steps: z.array(step).describe("What came of the scenario's steps, in their order"),
    maps: z.record(z.string(), map).describe('What maps held at the end of the scenario'),
    kernelLog: z.array(z.string()),
  }),
  z.strictObject({
    status: z.literal('unsupported'),
    durationMs: milliseconds,
    programs,
    reason: z.string().describe("Why the fixture cannot be on the target's platform, as it says"),
  }),
  z.strictObject({
    status: z.literal('infra'),
    durationMs: milliseconds,
    programs,
    error: failure,
  }),
]);

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const fixtureError = z
  .strictObject({
    code: z.string(),
    message: z.string(),
    hint: z.string().nullable(),
    output: z.string().nullable().describe("The compiler's own words; null where it was not asked"),
  })
  .describe('Why it cannot be run: it does not compile, is no BPF object, …');

const fixture = z.strictObject({
  id: z.string(),
  source: z.string(),
  compiler: z.strictObject({ version: z.string(), flags: z.array(z.string()) }).nullable(),
  sha256: sha256
    .nullable()
    .describe(
      'Of the object file, of the first platform where there are several; null without one',
    ),
  digest: sha256
    .nullable()
    .describe(
      'Of the source and its scenario, the same on every machine; null for a fixture with an error',
    ),
  error: fixtureError.optional(),
  loose: z
    .array(z.string())
    .describe('Steps, maps and variables whose values the scenario leaves open: map seen'),
  results: z.record(z.string(), result).describe('By target id'),
});

const subject = z
  .string()
  .describe('A program, or in words: step first packet, map counts[53], variable hits');
const path = z
  .string()
  .describe(
    'The end of the subject that is the place inside of a value: [53]; empty for the whole',
  );

const divergence = z.strictObject({
  fixture: z.string(),
  subject,
  path,
  field: z.enum(DIVERGENCE_FIELDS),
  values: z.record(z.string(), z.string()).describe('Short text by target id'),
  expected: z.boolean().describe('Whether the fixture declares it'),
  reason: z.string().optional().describe('What it declares, in words'),
  declaredAt: z.string().optional(),
  more: count.optional().describe('Further differences of the same value that are left out here'),
});

const failedExpectation = z.strictObject({
  fixture: z.string(),
  subject,
  path,
  field: z.enum(EXPECTED_FIELDS),
  target: z.string(),
  expected: z.string().describe('In words: XDP_PASS, at least 1, absent'),
  actual: z.string(),
  declaredAt: z.string(),
  undeclared: z
    .literal(true)
    .optional()
    .describe(
      'Nothing declares it: every step is expected to succeed, every program to be accepted',
    ),
});

const change = z.strictObject({
  fixture: z.string(),
  subject: z.string().describe('A program; or in words, as that of a divergence'),
  field: z.enum(['verdict', 'reason', 'insns', 'outcome', 'value']),
  target: z.string(),
  before: z.string().nullable().describe('In the baseline; null where a limit does not need one'),
  after: z.string(),
  effect: z.enum(['regression', 'improvement']).describe('A regression fails the run'),
  limit: z.string().optional().describe('The gate that a cost is above: +5%'),
});

const baseline = z
  .strictObject({
    file: z.string().nullable().describe('Null where only the limits of the configuration count'),
    changes: z.array(change),
    unknown: count.describe('Answers that the baseline has nothing of'),
  })
  .describe('What changed since the baseline was written');

const summary = z.strictObject({
  targets: count,
  fixtures: count,
  programs: count,
  accepted: count,
  rejected: count,
  unsupported: count,
  divergent: count.describe('Programs and scenarios on which targets differ'),
  unexpected: count.describe(
    'Failed expectations, each once for all targets, unexpected divergences that those do not tell, and regressions',
  ),
  infrastructure: count.describe('Answers that could not be had'),
  broken: count.describe('Fixtures with an error, which were not run'),
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
  baseline: baseline.optional(),
  summary,
});

export type Report = z.infer<typeof reportSchema>;
export type ReportedTarget = z.infer<typeof target>;
export type ReportedFixture = z.infer<typeof fixture>;
export type ReportedResult = z.infer<typeof result>;
export type ReportedProgram = z.infer<typeof program>;
export type ReportedSource = z.infer<typeof source>;
export type ReportedDivergence = z.infer<typeof divergence>;
export type ReportedStep = z.infer<typeof step>;
export type ReportedExpectation = z.infer<typeof failedExpectation>;
export type ReportedBaseline = z.infer<typeof baseline>;
export type ReportedChange = z.infer<typeof change>;
