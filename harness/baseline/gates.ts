import type { Config } from '../config/config-schema.ts';

/** What the verifier processes at most, of a program that may be loaded with privileges (BPF_COMPLEXITY_LIMIT_INSNS in include/linux/bpf.h). */
const VERIFIER_LIMIT = 1_000_000;

/** What a program may cost. */
export interface Gates {
  /** How much more than in the baseline, as a part of one, and as it is written. */
  readonly growth: { readonly part: number; readonly text: string };
  /** At most so many instructions, each limit with its words. */
  readonly limits: readonly { readonly insns: number; readonly text: string }[];
}

export function gatesOf({ insns, maxInsns, nearLimit }: Config['baseline']): Gates {
  const limits = [
    ...(maxInsns === undefined ? [] : [{ insns: maxInsns, text: `${maxInsns} (maxInsns)` }]),
    ...(nearLimit === undefined
      ? []
      : [
          {
            insns: Math.floor(VERIFIER_LIMIT * parsePart(nearLimit)),
            text: `${nearLimit} of the ${VERIFIER_LIMIT} that the verifier allows (nearLimit)`,
          },
        ]),
  ];
  return { growth: { part: parsePart(insns), text: insns }, limits };
}

/** `+5%` as 0.05. */
function parsePart(text: string): number {
  return Number.parseFloat(text.replace(/^\+/, '')) / 100;
}
