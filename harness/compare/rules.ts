import type { Fixture } from '../fixtures/fixture.ts';
import { ownProperty } from '../own-property.ts';
import type { Json } from '../values/json.ts';
import { isOutcome, member } from './expectations.ts';
import { canonical, MapContents, type Node } from './node.ts';
import type { Fact } from './observed.ts';

/** What a scenario says may differ, and why. */
export interface Rule {
  readonly ignore: 'all' | 'keys' | 'values';
  readonly because: string;
  /** The path in the scenario. */
  readonly path: string;
}

/** What `compare` of a scenario says of one thing. */
export function ruleFor(
  { scenario }: Fixture,
  { subject, field }: Pick<Fact, 'subject' | 'field'>,
): Rule | undefined {
  const [, kind, name = ''] = /^(step|map|variable) (.*)$/s.exec(subject) ?? [];
  if (scenario === null || kind === undefined) return undefined;
  const { steps, maps, variables } = scenario.scenario.compare;
  const path = member(`compare.${kind}s`, name);
  if (kind !== 'step') {
    const rule = ownProperty<(typeof maps)[string]>(kind === 'map' ? maps : variables, name);
    return rule === undefined ? undefined : { ...rule, path };
  }
  const rule = ownProperty(steps, name);
  const isIgnored = rule?.ignore.some(
    each => each === field || (each === 'status' && isOutcome(field)),
  );
  return isIgnored ? { ignore: 'all', because: rule?.because ?? '', path } : undefined;
}

/** A value without what may differ, and what that is. */
export interface Parts {
  /** Undefined where all may differ. */
  readonly kept: Node | undefined;
  readonly ignored: Node | undefined;
}

export function applyRule(node: Node, ignore: Rule['ignore'] | 'nothing'): Parts {
  if (ignore === 'nothing') return { kept: node, ignored: undefined };
  if (ignore === 'all') return { kept: undefined, ignored: node };
  // A map that cannot be read has neither keys nor values.
  if (!(node instanceof MapContents)) return { kept: node, ignored: undefined };
  const keys = inOrder(node.entries.map(({ key }) => key));
  if (ignore === 'keys')
    return { kept: inOrder(node.entries.map(each => each.value)), ignored: keys };
  const kept = new MapContents(node.entries.map(({ key }) => ({ key, value: 'present' })));
  return { kept, ignored: node };
}

function inOrder(values: readonly Json[]): readonly Json[] {
  return values.toSorted((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
}
