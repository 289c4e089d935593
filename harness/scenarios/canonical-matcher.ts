import type { InspectedMap } from '../agent/inspected-object.ts';
import { decodeValue } from '../values/decode-value.ts';
import { encodeValue } from '../values/encode-value.ts';
import type { Layout, MemberLayout } from '../values/layout.ts';
import { decodeKey, encodeKey, isPerCpuList } from './encode-entry.ts';
import { mapAccess } from './map-access.ts';
import type { Matcher } from './value-schemas.ts';

/** A part of a type, and what messages call it. */
export interface MatcherPlace {
  readonly layout: Layout | null;
  /** In bytes. */
  readonly size: number;
  readonly path: string;
}

/**
 * A matcher with each literal as a value of its type is shown: an enum by name, a great number as text, a text without
 * what is after its end. Bounds and regular expressions stay, and so does what has no place in the type: it will be
 * said not to match.
 *
 * @throws CrossbpfError `USAGE_BAD_VALUE` for a literal that no value of the type can be.
 */
export function canonicalMatcher(matcher: Matcher, place: MatcherPlace): Matcher {
  const { layout, path } = place;
  if (matcher === null || matcher instanceof RegExp || layout?.kind === 'opaque') return matcher;
  if (typeof matcher !== 'object') return canonicalLiteral(matcher, place);
  if (Array.isArray(matcher)) return canonicalList(matcher, place);
  if (layout?.kind !== 'struct' && layout?.kind !== 'union') return matcher;
  const members = new Map(layout.members.flatMap(namedMembers).map(each => [each.name, each]));
  return Object.fromEntries(
    Object.entries(matcher).map(([name, inner]) => {
      const member = members.get(name);
      if (member === undefined || member.bits !== undefined) return [name, inner];
      const { layout: type } = member;
      return [
        name,
        canonicalMatcher(inner, { layout: type, size: type.size, path: `${path}.${name}` }),
      ];
    }),
  );
}

/** What a map's keys must be; of an LPM trie they are prefixes. */
export function canonicalKey(map: InspectedMap, matcher: Matcher, path: string): Matcher {
  if (map.type === 'lpm_trie' && typeof matcher === 'string') {
    return decodeKey(map, encodeKey(map, matcher, path));
  }
  return canonicalMatcher(matcher, { layout: map.key, size: map.keySize, path });
}

/** What a map's value must be: of a per-CPU map a list of one for each processor. */
export function canonicalValue(map: InspectedMap, matcher: Matcher, path: string): Matcher {
  const place = { layout: map.value, size: map.valueSize };
  if (!mapAccess(map).isPerCpu || !isPerCpuList(matcher, map.value)) {
    return canonicalMatcher(matcher, { ...place, path });
  }
  return matcher.map((one, cpu) => canonicalMatcher(one, { ...place, path: `${path}[${cpu}]` }));
}

function canonicalList(list: readonly Matcher[], { layout, path }: MatcherPlace): Matcher {
  if (layout?.kind !== 'array') return list;
  const { element } = layout;
  return list.map((inner, index) =>
    canonicalMatcher(inner, { layout: element, size: element.size, path: `${path}[${index}]` }),
  );
}

function canonicalLiteral(
  literal: boolean | number | string,
  { layout, size, path }: MatcherPlace,
) {
  return decodeValue(encodeValue(literal, layout, { size, path }), layout);
}

/** Members of an anonymous struct or union are shown as their parent's. */
function namedMembers(member: MemberLayout): MemberLayout[] {
  if (member.name !== '') return [member];
  const { layout } = member;
  return layout.kind === 'struct' || layout.kind === 'union'
    ? layout.members.flatMap(namedMembers)
    : [];
}
