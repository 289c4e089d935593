import { z } from 'zod';
import { nearest } from '../config/nearest.ts';

/** An object whose unknown keys are errors, each with the nearest known one. */
export function strictObject<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: issue =>
      issue.code === 'unrecognized_keys' ? describeKeys(issue.keys, known).join('\n') : undefined,
  });
}

/** One line for each key: `expct: unknown key; did you mean expect?`. */
function describeKeys(keys: readonly string[], known: readonly string[]): string[] {
  return keys.map(key => {
    const close = nearest(key, known);
    const hint = close === undefined ? `known are ${known.join(', ')}` : `did you mean ${close}?`;
    return `${key}: unknown key; ${hint}`;
  });
}

/** Whether a message is made of such lines, which begin with the key that they are about. */
export function isOfKeys(message: string): boolean {
  return message.includes(': unknown key; ');
}

/** For a union of objects that are told apart by a key: what to say of one that has none of these keys. */
export function kindError(what: string, kinds: readonly string[]) {
  return (issue: { readonly code?: string; readonly input?: unknown }): string | undefined => {
    const { code, input } = issue;
    if (code !== 'invalid_union') return undefined;
    if (typeof input !== 'object' || input === null) {
      return `${what} is an object with one of ${kinds.join(', ')}`;
    }
    const named = kinds.filter(kind => kind in input);
    if (named.length === 1) return undefined;
    if (named.length > 1) return `${what} has one of ${named.join(', ')}, not several`;
    const meant = Object.keys(input).find(key => nearest(key, kinds) !== undefined);
    if (meant !== undefined) return describeKeys([meant], kinds).join('\n');
    return `${what} needs one of ${kinds.join(', ')}`;
  };
}

/** One or several, as a list. */
export function oneOrMore<T extends z.ZodType>(schema: T) {
  return z
    .union([schema, z.array(schema)])
    .transform(given => (Array.isArray(given) ? given : [given]) as z.output<T>[]);
}
