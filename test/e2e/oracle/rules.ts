import type { Difference, DifferenceKind } from './compare-loaders.ts';

/** Differences between the loaders that are known, and why they are. */
export interface Rule {
  /** Names of objects' files, without their ending. */
  readonly objects: readonly string[];
  /** Absent: every program of the objects that differs. */
  readonly programs?: readonly string[];
  readonly kinds: readonly DifferenceKind[];
  /** Series of kernels; absent: each. */
  readonly kernels?: readonly string[];
  readonly why: string;
}

/** What rules leave over. */
export interface Applied {
  readonly unlisted: readonly Difference[];
  /** What rules list and no longer differs, in words. */
  readonly outdated: readonly string[];
}

/** Applies the rules for objects that were asked for to what one kernel's answers differ in. */
export function applyRules(
  rules: readonly Rule[],
  differences: readonly Difference[],
  asked: { readonly series: string; readonly objects: ReadonlySet<string> },
): Applied {
  const valid = rules.filter(({ kernels = [asked.series] }) => kernels.includes(asked.series));
  return {
    unlisted: differences.filter(each => !valid.some(rule => fits(rule, each))),
    outdated: valid.flatMap(rule =>
      rule.objects.filter(name => asked.objects.has(name)).flatMap(outdatedOf(rule, differences)),
    ),
  };
}

function fits({ objects, programs, kinds }: Rule, { object, program, kind }: Difference): boolean {
  const isListed = objects.some(name => object === `${name}.o`);
  return isListed && (programs?.includes(program) ?? true) && kinds.includes(kind);
}

/** Each kind, and each program, must still be one that differs. */
function outdatedOf(rule: Rule, differences: readonly Difference[]) {
  return (name: string): string[] => {
    const fitting = differences.filter(each => each.object === `${name}.o` && fits(rule, each));
    const kinds = new Set<string>(fitting.map(({ kind }) => kind));
    const programs = new Set(fitting.map(({ program }) => program));
    return [
      ...rule.kinds.filter(kind => !kinds.has(kind)),
      ...(rule.programs ?? []).filter(program => !programs.has(program)),
    ].map(what => `${name}: ${what} no longer differs`);
  };
}
