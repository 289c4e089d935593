/** What can differ between targets. */
export const DIVERGENCE_FIELDS = [
  // Of a program: the verifier's answer and its cost.
  ...(['verdict', 'reason', 'insns', 'states'] as const),
  // Of a step: whether it failed and how, what a program returned, what it did to its data.
  ...(['errno', 'retval', 'dataOut'] as const),
  // Of a step, a map or a variable: what was in it.
  'value',
  // Of the whole fixture: what the kernel warned of.
  'kernelLog',
] as const;
export type DivergenceField = (typeof DIVERGENCE_FIELDS)[number];

/** What can be expected: also a step's message, and a program's stack. */
export const EXPECTED_FIELDS = [...DIVERGENCE_FIELDS, 'message', 'stack'] as const;
export type ExpectedField = (typeof EXPECTED_FIELDS)[number];

/** One difference between what targets said of one subject. */
export interface Divergence {
  readonly fixture: string;
  /** A program, or in words: `step first packet`, `map counts[53]`, `map config[0].limit`, `variable hits`. */
  readonly subject: string;
  /** What of the subject is the place inside of a value: `[53]`, `[0].limit`; empty for the whole. */
  readonly path: string;
  readonly field: DivergenceField;
  /** What each target said, as short text, in the order of the targets; one that said nothing is not there. */
  readonly values: Readonly<Record<string, string>>;
  /** Whether the fixture declares it. */
  readonly expected: boolean;
  /** What is declared, in words: `rejected before 5.17`. */
  readonly reason?: string;
  /** Where: `fixtures/loop.bpf.c:4`, `fixtures/loop.scenario.ts:12 (compare.maps.seen)`. */
  readonly declaredAt?: string;
  /** How many further differences of the same value are left out behind this one. */
  readonly more?: number;
}

/** Something that is not as declared, on one target. */
export interface FailedExpectation {
  readonly fixture: string;
  /** As that of a divergence. */
  readonly subject: string;
  readonly path: string;
  readonly field: ExpectedField;
  readonly target: string;
  /** What was expected, in words: `XDP_PASS`, `at least 1`, `absent`. */
  readonly expected: string;
  readonly actual: string;
  /** Where it is declared: `fixtures/loop.bpf.c:4`, `fixtures/loop.scenario.ts:12 (steps[0].expect.retval)`. */
  readonly declaredAt: string;
  /**
   * Nothing declares it: it is what every step and program is expected to do. The place is that of the step, or the file
   * of the program.
   */
  readonly undeclared?: true;
}

/** One target's answers on their way through the comparison. */
export interface ComparedTarget {
  readonly id: string;
  readonly platform: 'linux' | 'windows';
  /** The upstream version, `6.12.107`; null when it is not known. */
  readonly upstream: string | null;
}
