import type { Origin } from '../agent/messages.ts';
import type { Verdict } from '../fixtures/directives.ts';
import type { Json } from '../values/json.ts';
import type { VerifiedStep } from '../verifier-log/excerpt.ts';

/** `ebpf_api_verifier_stats_t` of eBPF for Windows. */
export interface Analysis {
  readonly unreachable: number;
  readonly warnings: number;
  readonly maxLoopCount: number;
}

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
  /** Where the verifier rejected it; null where it was accepted, or did not say. */
  readonly source: RejectedSource | null;
  /** How the answer came about; see `ORIGINS`. */
  readonly origin: Origin;
  /** Why an accepted program was only verified, and not loaded; null where it was loaded. */
  readonly notLoaded: string | null;
  /** What the loader did on its own so that it could be loaded: a size that it supplied, types that it left out. */
  readonly notes: readonly string[];
  /** What the verifier of eBPF for Windows counts; null on Linux. */
  readonly analysis: Analysis | null;
  /** How long BPF_PROG_LOAD took. */
  readonly loadMs: number;
  /** The verifier's log; where `logOmitted` bytes of its middle were left out, its end is directly behind its start. */
  readonly log: string;
  readonly logOmitted: number;
}

/** Where in a program the verifier found something wrong. */
export interface RejectedSource {
  /** As the verifier counts: over the program and the subprograms behind it, a load of 64 bits as two. */
  readonly insn: number;
  /** Empty where the object has no names. */
  readonly function: string;
  /** Null where the object has no information on lines. */
  readonly at: SourceLocation | null;
  /** The last instructions that the verifier followed; empty where it had not come to any. */
  readonly steps: readonly VerifiedStep[];
}

/** A place in a source file. */
export interface SourceLocation {
  /** Relative to the working folder, or as the compiler named it where it is not below. */
  readonly file: string;
  /** Both count from 1; a column of 0 is not known. */
  readonly line: number;
  readonly column: number;
  /** The line as it was when it was compiled; empty where the compiler did not keep it. */
  readonly text: string;
}

/** What came of one step of a scenario. */
export interface StepObservation {
  /** Unique in the scenario. */
  readonly name: string;
  readonly kind: StepKind;
  /** The program, map or event, in words. */
  readonly subject: string;
  /** `skipped`: it needs a program that this target did not accept; it is no observation. */
  readonly status: 'ok' | 'failed' | 'skipped';
  /** The error by name; null when no system call failed. */
  readonly errno: string | null;
  /** What failed, or why it was skipped, in words; empty when it is ok. */
  readonly message: string;
  /** What the program returned, as the kernel gave it: 32 bits, unsigned. */
  readonly retval: number | null;
  /** That value by name: `XDP_PASS`, `-EPERM`; null where there is none. */
  readonly retvalName: string | null;
  /** The data when the program was done with it, `0x…`. */
  readonly dataOut: string | null;
  /** What was read: entries `[{ key, value }]`, one value, records, or lines of text. */
  readonly value: Json | null;
  /** How long one run took, as the kernel measured it. */
  readonly runNs: number | null;
}

export type StepKind =
  | ('run' | 'attach' | 'detach' | 'trigger' | 'read')
  | ('lookup' | 'take' | 'pop' | 'update' | 'delete');

/** An entry of a map; what has no key (a queue, global variables) has a null one. A per-CPU value is a list. */
export interface EntryObservation {
  readonly key: Json;
  readonly value: Json;
}

/** What a map held at the end of a scenario. Global variables are one entry of the map `.bss` or `.data`. */
export type MapObservation =
  | { readonly kind: 'entries'; readonly entries: readonly EntryObservation[] }
  | { readonly kind: 'unreadable'; readonly message: string };

/** The name under which an object as a whole is among the answers on its programs. No program has it. */
export const WHOLE_OBJECT = 'whole object';

interface Answered<P> {
  readonly programs: Readonly<Record<string, P>>;
  readonly object?: P | undefined;
}

/** The answers on an object's programs, and on the object as a whole where there is one. */
export function answersIn<P>({ programs, object }: Answered<P>): Readonly<Record<string, P>> {
  return object === undefined ? programs : { ...programs, [WHOLE_OBJECT]: object };
}

/** What one target said of one fixture. */
export type FixtureObservation =
  | {
      readonly status: 'ran';
      readonly durationMs: number;
      readonly programs: Readonly<Record<string, ProgramObservation>>;
      /** How all of them load with the maps that they share; absent where that could show nothing new. */
      readonly object?: ProgramObservation | undefined;
      /** What came of the scenario's steps, in their order; empty without a scenario. */
      readonly steps: readonly StepObservation[];
      /** What maps held at the end of the scenario, by name. */
      readonly maps: Readonly<Record<string, MapObservation>>;
      /** What the kernel itself warned of meanwhile. */
      readonly kernelLog: readonly string[];
    }
  | {
      /** The fixture says that it cannot be on the target's platform. */
      readonly status: 'unsupported';
      readonly durationMs: number;
      /** None. */
      readonly programs: Readonly<Record<string, ProgramObservation>>;
      readonly reason: string;
    }
  | {
      /** The target was lost, or time ran out; what was said before that is kept. */
      readonly status: 'infra';
      readonly durationMs: number;
      readonly programs: Readonly<Record<string, ProgramObservation>>;
      readonly error: { readonly code: string; readonly message: string };
    };
