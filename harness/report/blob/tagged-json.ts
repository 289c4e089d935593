import { z } from 'zod';

/** What JSON has no form of is an object with one of these members: `{ "$regexp": ["^a", "i"] }`. */
const regexpTag = z.strictObject({ $regexp: z.tuple([z.string(), z.string()]) });
const bigintTag = z.strictObject({ $bigint: z.string().regex(/^-?\d+$/) });
const undefinedTag = z.strictObject({ $undefined: z.literal(true) });
/** An object of which a member has such a name itself. */
const membersTag = z.strictObject({ $members: z.array(z.tuple([z.string(), z.unknown()])) });

/**
 * A value with patterns, big integers and gaps as one that JSON can hold; bytes are left out, as are members
 * that are undefined.
 */
export function toTagged(value: unknown): unknown {
  if (value instanceof RegExp) return { $regexp: [value.source, value.flags] };
  if (typeof value === 'bigint') return { $bigint: value.toString() };
  if (value === undefined) return { $undefined: true };
  if (Array.isArray(value)) return value.map(toTagged);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined && !ArrayBuffer.isView(member))
    .map(([name, member]) => [name, toTagged(member)] as const);
  const isPlain = members.every(([name]) => !name.startsWith('$'));
  return isPlain ? Object.fromEntries(members) : { $members: members };
}

/** The value that `toTagged` was given. Throws an error for what it never gives. */
export function fromTagged(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(fromTagged);
  if (typeof json !== 'object' || json === null) return json;
  if (!Object.keys(json).some(name => name.startsWith('$'))) {
    return Object.fromEntries(Object.entries(json).map(([name, part]) => [name, fromTagged(part)]));
  }
  const tag = z.union([regexpTag, bigintTag, undefinedTag, membersTag]).parse(json);
  if ('$regexp' in tag) return new RegExp(...tag.$regexp);
  if ('$bigint' in tag) return BigInt(tag.$bigint);
  if ('$undefined' in tag) return undefined;
  return Object.fromEntries(tag.$members.map(([name, part]) => [name, fromTagged(part)]));
}
