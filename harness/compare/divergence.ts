/** What can differ between targets. */
export type DivergenceField = 'verdict' | 'reason' | 'kernelLog';

/** One difference between what targets said of one subject. */
export interface Divergence {
  readonly fixture: string;
  /** The program. */
  readonly subject: string;
  readonly field: DivergenceField;
  /** What each target said, in the order of the targets; one that said nothing is not there. */
  readonly values: Readonly<Record<string, string>>;
  /** Whether the fixture declares it. */
  readonly expected: boolean;
  /** What is declared, in words: `rejected before 5.17`. */
  readonly reason?: string;
  /** Where: `fixtures/loop.bpf.c:4`. */
  readonly declaredAt?: string;
}

/** A verdict that is not the declared one. */
export interface FailedExpectation {
  readonly fixture: string;
  readonly program: string;
  readonly target: string;
  readonly expected: string;
  readonly actual: string;
  /** Where it is declared: `fixtures/loop.bpf.c:4`. */
  readonly declaredAt: string;
}

/** One target's answers on their way through the comparison. */
export interface ComparedTarget {
  readonly id: string;
  readonly platform: 'linux' | 'windows';
  /** The upstream version, `6.12.107`; null when it is not known. */
  readonly upstream: string | null;
}
