import type { RegisterState } from './register-state.ts';
import type { PathStep, VerifiedPath } from './verified-path.ts';

/** The steps of a path, and what was printed before the last one. */
export type ToldPath = Pick<VerifiedPath, 'steps' | 'before'>;

export interface VerboseLog {
  readonly path: VerifiedPath;
  /** Whether it is there from its start. */
  readonly isWhole: boolean;
}

const NOTHING: RegisterState = new Map();

/**
 * A path with the states that a more verbose log tells of its steps. That one holds all paths in the order in
 * which they were followed: of the last one it is known which steps they are, of others only where the
 * instruction is there a single time, and where it led to the same one.
 */
export function borrowStates(path: ToldPath, verbose: VerboseLog): ToldPath {
  const { steps } = path;
  const last = verbose.path.steps;
  const common = commonEnd(steps, last);
  return {
    before: common > 0 ? verbose.path.before : NOTHING,
    steps: steps.map((step, at) => {
      const isOfEnd = at >= steps.length - common;
      const same = isOfEnd ? last.at(at - steps.length) : onlyStep(verbose, step.insn);
      const isSameWay = same?.next === steps[at + 1]?.insn;
      return { ...step, changes: (isSameWay ? same?.changes : undefined) ?? NOTHING };
    }),
  };
}

function onlyStep({ path, isWhole }: VerboseLog, insn: number): PathStep | undefined {
  return isWhole ? path.single(insn) : undefined;
}

/** How many steps at the end of two paths are the same. */
function commonEnd(one: readonly PathStep[], other: readonly PathStep[]): number {
  const longest = Math.min(one.length, other.length);
  for (let count = 0; count < longest; count += 1) {
    if (one.at(-1 - count)?.insn !== other.at(-1 - count)?.insn) return count;
  }
  return longest;
}
