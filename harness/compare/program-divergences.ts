import { normalizeReason } from '../verifier-log/normalize.ts';
import { type Case, type Said, saidOf } from './answers.ts';
import type { Divergence, DivergenceField } from './divergence.ts';
import { judge } from './judge.ts';
import { agreeByMeaning } from './meaning.ts';

/** How targets differ on a program: its verdict, the reason, and its cost where the scenario asks for that. */
export function programDivergences(compared: Case, subject: string): Divergence[] {
  const verdicts = saidOf(compared, subject, 'verdict');
  const { insns, states } = compared.fixture.scenario?.scenario.compare ?? {};
  return [
    ...(new Set(verdicts.map(textOf)).size < 2 ? [] : [divergence(compared, 'verdict', verdicts)]),
    ...reasonDivergences(compared, subject),
    ...costDivergence(compared, { subject, field: 'insns', tolerance: insns }),
    ...costDivergence(compared, { subject, field: 'states', tolerance: states }),
  ];
}

/** Compares the reasons of the targets that give the same verdict; other verdicts differ anyway. */
function reasonDivergences(compared: Case, subject: string): Divergence[] {
  const verdicts = new Map(
    saidOf(compared, subject, 'verdict').map(said => [said.target, textOf(said)]),
  );
  const reasons = saidOf(compared, subject, 'reason');
  const byVerdict = Map.groupBy(reasons, ({ target }) => verdicts.get(target));
  return [...byVerdict.values()].flatMap(same => {
    const wording = (said: Said) => normalizeReason(textOf(said));
    const agree = new Set(same.map(wording)).size < 2 || agreeByMeaning(same, wording);
    return agree ? [] : [divergence(compared, 'reason', same)];
  });
}

interface Cost {
  readonly subject: string;
  readonly field: 'insns' | 'states';
  /** 0.2 for ±20 %; undefined: any cost will do. */
  readonly tolerance: number | undefined;
}

/**
 * Targets that accept a program may pay for it within a tolerance around the median of all of them: one
 * kernel that is far off is told, the others are not told for it.
 */
function costDivergence(compared: Case, { subject, field, tolerance }: Cost): Divergence[] {
  if (tolerance === undefined) return [];
  const accepting = new Set(
    saidOf(compared, subject, 'verdict')
      .filter(said => textOf(said) === 'accept')
      .map(({ target }) => target),
  );
  const said = saidOf(compared, subject, field).filter(({ target }) => accepting.has(target));
  const middle = median(said.map(({ fact }) => Number(fact.node)));
  const isOutside = ({ fact }: Said) => Math.abs(Number(fact.node) - middle) > middle * tolerance;
  const outside = said.filter(isOutside);
  if (outside.length === 0) return [];
  return [
    { ...divergence(compared, field, said), ...judge(compared, { said: outside, path: [] }) },
  ];
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.floor(half - 0.5)] ?? 0) + (sorted[Math.floor(half)] ?? 0)) / 2;
}

function divergence(compared: Case, field: DivergenceField, said: readonly Said[]): Divergence {
  const { subject = '' } = said[0]?.fact ?? {};
  return {
    ...{ fixture: compared.fixture.id, subject, path: '', field },
    values: Object.fromEntries(said.map(each => [each.target.id, textOf(each)])),
    ...judge(compared, { said, path: [] }),
  };
}

function textOf({ fact }: Said): string {
  return String(fact.node);
}
