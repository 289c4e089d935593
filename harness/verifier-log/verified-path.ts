import type { LineOf, LogLine } from './log-line.ts';
import { changedState, type RegisterState, writtenRegister } from './register-state.ts';

/** An instruction on a path, with what changed by it. */
export interface PathStep {
  readonly insn: number;
  readonly text: string;
  /** Which call of a function it is in: registers have values of their own in each. */
  readonly frame: number;
  changes: RegisterState;
  /** The instruction that these changes are known to hold before; undefined for any that follows. */
  next?: number;
}

const NOTHING: RegisterState = new Map();

/**
 * The path that the verifier is on, told line by line. A log goes back to a branch not taken yet without
 * a word where it is the most verbose one: so a step is kept only while each leads to the next.
 */
export class VerifiedPath {
  steps: PathStep[] = [];
  /** All that was printed before the last step, for just that step. */
  before: RegisterState = NOTHING;
  /** What registers held when they were last printed. */
  #known: RegisterState = NOTHING;
  #announced: { readonly insn: number; readonly state: RegisterState } | undefined;
  /** Where a function returns to; `anywhere` at the start of one. */
  #turn: number | 'anywhere' | undefined;
  /** Every step by its instruction, whichever path it was on. */
  readonly #all = new Map<number, PathStep[]>();
  #frames: number[] = [];
  #entered = 0;

  /** The step of an instruction that was followed once in all. */
  single(insn: number): PathStep | undefined {
    const [step, ...others] = this.#all.get(insn) ?? [];
    return others.length > 0 ? undefined : step;
  }

  follow(line: LogLine): void {
    switch (line.kind) {
      case 'insn':
        return this.#step(line);
      case 'state':
        return this.#announce(line);
      case 'enter':
        this.#turn = 'anywhere';
        this.#known = NOTHING;
        this.#enter();
        return;
      case 'return':
        this.#turn = line.insn;
        this.#frames.pop();
        this.#known = NOTHING;
        return;
      case 'end':
        return this.#restart();
    }
  }

  #step({ insn, text, state }: LineOf<'insn'>): void {
    if (!this.#leadsTo(insn)) this.#restart();
    this.#turn = undefined;
    this.before = this.#announced?.insn === insn ? this.#announced.state : NOTHING;
    this.#announced = undefined;
    if (text.startsWith('call ')) this.#forgetArguments();
    this.#push({ insn, text, changes: this.#changes(state, text) });
    this.#learn(state);
  }

  #announce({ insn, from, state }: LineOf<'state'>): void {
    if (from !== undefined && from !== this.steps.at(-1)?.insn) this.#branchOff(from);
    else if (!this.#leadsTo(insn)) this.#restart();
    const last = this.steps.at(-1);
    if (last !== undefined && this.#turn === undefined && this.#known.size > 0) {
      last.next = insn;
      last.changes = new Map([...last.changes, ...this.#changes(state, last.text)]);
    }
    this.#announced = { insn, state };
    this.#learn(state);
  }

  /** A branch is taken up that was left aside: of what came before it only the branch itself is known. */
  #branchOff(from: number): void {
    this.#restart();
    const [branch] = this.#all.get(from) ?? [];
    if (branch !== undefined)
      this.steps.push({ ...branch, frame: this.#frame(), changes: NOTHING });
    this.#turn = 'anywhere';
  }

  #push(step: Omit<PathStep, 'frame'>): void {
    const pushed = { ...step, frame: this.#frame() };
    this.steps.push(pushed);
    const same = this.#all.get(step.insn);
    if (same === undefined) this.#all.set(step.insn, [pushed]);
    else same.push(pushed);
  }

  #frame(): number {
    if (this.#frames.length === 0) this.#enter();
    return this.#frames.at(-1) ?? 0;
  }

  #enter(): void {
    this.#entered += 1;
    this.#frames.push(this.#entered);
  }

  #restart(): void {
    this.steps = [];
    this.#frames = [];
    this.#known = NOTHING;
    this.#turn = undefined;
  }

  #leadsTo(insn: number): boolean {
    const last = this.steps.at(-1);
    if (last === undefined || this.#turn === 'anywhere') return true;
    if (this.#turn !== undefined) return this.#turn === insn;
    return successors(last).includes(insn);
  }

  /** What is new of a state; the register that an instruction writes always is. */
  #changes(state: RegisterState, text: string): RegisterState {
    const known = new Map(this.#known);
    known.delete(writtenRegister(text) ?? '');
    return changedState(known, state);
  }

  #learn(state: RegisterState): void {
    this.#known = new Map([...this.#known, ...state]);
  }

  #forgetArguments(): void {
    const scratched = new Set(['R1', 'R2', 'R3', 'R4', 'R5']);
    this.#known = new Map([...this.#known].filter(([name]) => !scratched.has(name)));
  }
}

/** The instructions that one can be followed by, but for returns. A load of 64 bits counts as two. */
function successors({ insn, text }: PathStep): number[] {
  const next = / = 0x[0-9a-f]+$/.test(text) ? [insn + 1, insn + 2] : [insn + 1];
  const offset = /\bpc([+-]\d+)$/.exec(text)?.[1];
  const target = offset === undefined ? [] : [insn + 1 + Number(offset)];
  if (text === 'exit') return [];
  return /^gotol? /.test(text) ? target : [...next, ...target];
}
