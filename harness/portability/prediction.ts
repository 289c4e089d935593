import type { SourceLine } from './needs.ts';

/** Something that stops a program on a target, or that nobody can say of it. */
export interface Problem {
  /** `helper bpf_loop`, `instruction may_goto`, `field task_struct.state`. */
  readonly what: string;
  /** What there is to say beside that it is not there; empty for nothing. */
  readonly why: string;
  /** The first line that asks for it. */
  readonly line: SourceLine | null;
  /** `Linux 5.17`, `not on Windows`; null where it is no matter of versions. */
  readonly since: string | null;
  /** Where that is known from. */
  readonly source: string | null;
  /** What to use instead. */
  readonly instead: string | null;
  /** The program can be loaded, and not be attached. */
  readonly late: boolean;
}

/** What the tables say of one program on one target, without any kernel: no verdict. */
export interface Prediction {
  /** `unknown`: nothing is known to stop it, and something cannot be known. */
  readonly outcome: 'loads' | 'stops' | 'unknown';
  /** What stops it; also what only stops it from being attached (`late`). */
  readonly stops: readonly Problem[];
  readonly unknown: readonly Problem[];
  /** What behaves in another way there, though it loads. */
  readonly notes: readonly string[];
}

/** Whether a program can be used there, as far as is known: loaded and attached. */
export function isUsable({ outcome, stops }: Prediction): boolean {
  return outcome === 'loads' && stops.length === 0;
}

/** Collects what there is to say of a program. */
export class Judgement {
  readonly #stops: Problem[] = [];
  readonly #unknown: Problem[] = [];
  readonly #notes = new Set<string>();

  stop(what: string, more: Partial<Problem> = {}): void {
    this.#stops.push({ ...NOTHING, what, ...more });
  }

  unknown(what: string, more: Partial<Problem> = {}): void {
    this.#unknown.push({ ...NOTHING, what, ...more });
  }

  note(text: string): void {
    this.#notes.add(text);
  }

  prediction(): Prediction {
    const stops = this.#stops;
    const loading = stops.filter(({ late }) => !late);
    const open = this.#unknown.length > 0 ? 'unknown' : 'loads';
    return {
      outcome: loading.length > 0 ? 'stops' : open,
      ...{ stops, unknown: this.#unknown, notes: [...this.#notes] },
    };
  }
}

const NOTHING = { why: '', line: null, since: null, source: null, instead: null, late: false };
