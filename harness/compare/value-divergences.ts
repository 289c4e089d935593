import type { Case, Said } from './answers.ts';
import { type Difference, findDifferences } from './differences.ts';
import type { Divergence, DivergenceField } from './divergence.ts';
import { type Judgement, judge } from './judge.ts';
import { agreeByMeaning } from './meaning.ts';
import { canonical, type Node } from './node.ts';
import { describePlace } from './place.ts';
import { applyRule, type Rule, ruleFor } from './rules.ts';
import { shortTexts } from './texts.ts';

/** Of one value at most so many differences are told. */
const MAX_TOLD = 20;

interface Compared {
  readonly compared: Case;
  readonly subject: string;
  readonly field: DivergenceField;
  readonly said: readonly Said[];
}

/** The places at which what targets said of one thing differs: a return value, data, what a map held. */
export function valueDivergences(input: Compared): Divergence[] {
  const { compared, subject, field, said } = input;
  if (agreeByMeaning(said, ({ fact }) => canonical(fact.node))) return [];
  const rule = ruleFor(compared.fixture, { subject, field });
  const nodes = comparable(said);
  const parts = said.map(({ target, fact }) => {
    const node = nodes.get(target.id) ?? fact.node;
    return [target.id, applyRule(node, rule?.ignore ?? 'nothing')] as const;
  });
  const differences = findDifferences(new Map(parts.map(([id, { kept }]) => [id, kept])));
  // Without its keys an entry has no place of its own.
  const asWhole = rule?.ignore === 'keys' && differences.length > 0;
  const told = asWhole ? [wholeDifference(said)] : differences;
  return [
    ...(rule === undefined ? [] : ignoredDivergence(input, rule, new Map(parts.map(toIgnored)))),
    ...limit(told.map(difference => toDivergence(input, difference))),
  ];
}

/** Of machines with other numbers of processors only those are compared that all have. */
function comparable(said: readonly Said[]): ReadonlyMap<string, Node> {
  const counts = new Set(said.map(({ fact }) => fact.processors?.count));
  return new Map(
    said.map(({ target, fact: { node, processors } }) => [
      target.id,
      counts.size > 1 && processors !== undefined ? processors.ofFirst : node,
    ]),
  );
}

function toIgnored([id, { ignored }]: readonly [string, ReturnType<typeof applyRule>]) {
  return [id, ignored] as const;
}

function wholeDifference(said: readonly Said[]): Difference {
  return { path: [], values: new Map(said.map(({ target, fact }) => [target.id, fact.node])) };
}

function ignoredDivergence(
  { compared, subject, field, said }: Compared,
  { because, path }: Rule,
  ignored: Difference['values'],
): Divergence[] {
  if (findDifferences(ignored).length === 0) return [];
  return [
    {
      ...{ fixture: compared.fixture.id, subject, path: '', field },
      ...{ values: textsOf(wholeDifference(said)), expected: true, reason: because },
      declaredAt: describePlace(compared.fixture, { kind: 'scenario', path }),
    },
  ];
}

function toDivergence(input: Compared, difference: Difference): Divergence {
  const { compared, subject, field, said } = input;
  const path = difference.path.join('');
  const here = said.filter(({ target }) => difference.values.has(target.id));
  return {
    ...{ fixture: compared.fixture.id, subject: `${subject}${path}`, path, field },
    values: textsOf(difference),
    ...judgeSettled(compared, here, difference),
  };
}

/**
 * What a target could not do, since it did not accept a program, is told where that is told; it is no
 * difference of its own in what the program would have written.
 */
function judgeSettled(
  compared: Case,
  said: readonly Said[],
  { path, values }: Difference,
): Judgement {
  const settled = said.filter(({ fact }) => fact.unsettledBy === undefined);
  const same = new Set(settled.map(({ target }) => canonical(values.get(target.id)))).size < 2;
  if (!same || settled.length === said.length) return judge(compared, { said: settled, path });
  const lacking = new Set(said.flatMap(({ fact }) => fact.unsettledBy ?? []));
  return { expected: true, reason: `not every target accepts ${[...lacking].join(', ')}` };
}

function textsOf({ values }: Difference): Record<string, string> {
  const texts = shortTexts([...values.values()]);
  return Object.fromEntries(
    [...values.keys()].map((target, index) => [target, texts[index] ?? '']),
  );
}

/** So many that are declared and so many that are not; the last of each says how many more there are. */
function limit(divergences: readonly Divergence[]): Divergence[] {
  return [false, true].flatMap(expected => {
    const same = divergences.filter(each => each.expected === expected);
    const more = same.length - MAX_TOLD;
    return same
      .slice(0, MAX_TOLD)
      .map((each, index) => (more > 0 && index === MAX_TOLD - 1 ? { ...each, more } : each));
  });
}
