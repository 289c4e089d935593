import { z } from 'zod';
import { oneOrMore, strictObject } from './strict-object.ts';
import { bytes, matcher, numberMatcher, on, textMatcher } from './value-schemas.ts';

const errno = z.string().regex(/^E[A-Z0-9_]+$/, "expected the name of an error, such as 'EEXIST'");

const returnValue = z.union([
  z.number().int(),
  /** `XDP_DROP`, `-EPERM`. */
  z.string(),
  numberMatcher,
]);

/** What must come of a step. */
const stepExpectation = strictObject({
  on,
  /** The error that it must fail with; null: it must not fail. */
  errno: errno.nullable().optional(),
  /** What went wrong, in words. */
  message: textMatcher.optional(),
  /** Of a program: a number, a name (`XDP_DROP`, `TC_ACT_OK`, `-EPERM`), or `{ atLeast, atMost }`. */
  retval: returnValue.optional(),
  /** The data when the program was done with it. */
  dataOut: bytes.optional(),
  /** What was read: a value, entries, records, lines of text. */
  value: matcher.optional(),
}).superRefine(({ errno: error, retval, dataOut, value }, context) => {
  if (typeof error !== 'string') return;
  const results = Object.entries({ retval, dataOut, value });
  const given = results.find(([, result]) => result !== undefined)?.[0];
  if (given === undefined) return;
  const message = `a step that fails with ${error} has no ${given}: expect one of them`;
  context.addIssue({ code: 'custom', message, path: [given] });
});
export type StepExpectation = z.output<typeof stepExpectation>;

export const stepExpectations = oneOrMore(stepExpectation).default([]);

const expectedEntry = strictObject({ key: matcher.optional(), value: matcher.optional() });

/** All entries of a map; or with `contains`, some of them. */
const expectedEntries = z.union([
  z.array(expectedEntry),
  strictObject({ contains: z.array(expectedEntry) }),
]);
export type ExpectedEntries = z.output<typeof expectedEntries>;

/** What must hold on the targets that `on` names. */
export const expectation = strictObject({
  on,
  /** The program that `verdict`, `errno`, `reason`, `insns`, `states` and `stack` are about. */
  program: z.string().optional(),
  verdict: z.enum(['accept', 'reject', 'unsupported']).optional(),
  errno: errno.optional(),
  /** Why it was not accepted. */
  reason: textMatcher.optional(),
  /** The verifier's `processed N insns`. */
  insns: numberMatcher.optional(),
  /** The verifier's `total_states`. */
  states: numberMatcher.optional(),
  /** Bytes of stack, of all its functions together. */
  stack: numberMatcher.optional(),
  /** What maps hold at the end, by name. */
  maps: z.record(z.string(), expectedEntries).optional(),
  /** Global variables at the end, by name. One that keeps what a helper answered may be an error: `-ENOENT`. */
  variables: z.record(z.string(), matcher).optional(),
  /** What came of steps, by name. */
  steps: z.record(z.string(), stepExpectation).optional(),
}).superRefine((value, context) => {
  const { on: _, program, maps, variables, steps, ...ofProgram } = value;
  const asked = Object.entries(ofProgram).filter(([, given]) => given !== undefined);
  const [first] = asked[0] ?? [];
  const others = [maps, variables, steps].some(given => given !== undefined);
  if (program === undefined && first !== undefined) {
    context.addIssue({ code: 'custom', message: `${first} is of a program: say which (program)` });
  } else if (first === undefined && (program !== undefined || !others)) {
    const what = program === undefined ? 'it' : `program ${program}`;
    const some = program === undefined ? 'maps, variables, steps or program' : 'verdict or reason';
    context.addIssue({ code: 'custom', message: `${what} expects nothing: add ${some}` });
  }
});
export type Expectation = z.output<typeof expectation>;

/** `±20%`, as a part of one. */
const tolerance = z
  .string()
  .regex(/^(±|\+-|\+\/-)?\d+(\.\d+)?%$/, "expected a tolerance, such as '±20%'")
  .transform(text => Number.parseFloat(text.replace(/^\D+/, '')) / 100);

const because = z.string().min(1, 'say why it may differ');

const mapRule = strictObject({
  ignore: z.enum(['keys', 'values', 'all']),
  /** Why it may differ. */
  because,
});
const variableRule = strictObject({ ignore: z.enum(['all']), because });
const stepRule = strictObject({
  ignore: z.array(z.enum(['status', 'errno', 'message', 'retval', 'dataOut', 'value'])).min(1),
  because,
});

/** What may differ between targets, and why. */
export const comparison = strictObject({
  /** How far the verifier's cost on a target may be from the median of all targets that accept the program. */
  insns: tolerance.optional(),
  states: tolerance.optional(),
  maps: z.record(z.string(), mapRule).default({}),
  variables: z.record(z.string(), variableRule).default({}),
  steps: z.record(z.string(), stepRule).default({}),
});
