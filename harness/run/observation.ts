import type { Verdict } from '../fixtures/directives.ts';

/** What one target said of one program. */
export interface ProgramObservation {
  /** As the kernel's enumeration in lower case: `xdp`, `sched_cls`. */
  readonly type: string;
  readonly section: string;
  readonly verdict: Verdict;
  /** The error by name; null when accepted or when no system call failed. */
  readonly errno: string | null;
  /** Why it was not accepted, in one line: the verifier's own words, or what is missing. */
  readonly reason: string | null;
  /** `processed N insns` of the verifier. */
  readonly insns: number | null;
  /** `total_states` of the verifier. */
  readonly states: number | null;
  /** `stack depth`, in bytes by subprogram, the main program first. */
  readonly stack: readonly number[];
  /** How long BPF_PROG_LOAD took. */
  readonly loadMs: number;
  /** The verifier's log; where `logOmitted` bytes of its middle were left out, a line says so. */
  readonly log: string;
  readonly logOmitted: number;
}

/** What one target said of one fixture. */
export type FixtureObservation =
  | {
      readonly status: 'ran';
      readonly durationMs: number;
      readonly programs: Readonly<Record<string, ProgramObservation>>;
      /** What the kernel itself warned of meanwhile. */
      readonly kernelLog: readonly string[];
    }
  | {
      /** The target was lost, or time ran out; what was said before that is kept. */
      readonly status: 'infra';
      readonly durationMs: number;
      readonly programs: Readonly<Record<string, ProgramObservation>>;
      readonly error: { readonly code: string; readonly message: string };
    };
