import { formatWhole } from './node.ts';
import { cutText } from './texts.ts';

/** One entry that a map must hold. Without a value any will do. */
export interface ExpectedEntry {
  readonly key?: unknown;
  readonly value?: unknown;
}

export interface Bounds {
  readonly atLeast?: number | string;
  readonly atMost?: number | string;
}

/** Whether an expectation leaves values open, so that they may differ from run to run. */
export function isLoose(matcher: unknown): boolean {
  if (matcher === undefined || matcher instanceof RegExp) return true;
  if (isBounds(matcher) || isContains(matcher)) return true;
  if (Array.isArray(matcher)) {
    const parts: readonly unknown[] = matcher;
    return parts.some(each => isLoose(isEntries([each]) ? valueIn(each) : each));
  }
  return isObject(matcher) && Object.values(matcher).some(isLoose);
}

function valueIn(entry: unknown): unknown {
  return isObject(entry) ? entry['value'] : undefined;
}

/** What is expected, in words: `at least 1`, `1 to 5`, `/unknown func/`, `{limit: 3}`, `something with {53: 7}`. */
export function describeMatcher(matcher: unknown): string {
  return cutText(describeWhole(matcher));
}

function describeWhole(matcher: unknown): string {
  if (matcher === undefined) return 'any value';
  if (isBounds(matcher)) return describeBounds(matcher);
  if (isContains(matcher)) return `something with ${describeWhole(matcher.contains)}`;
  if (Array.isArray(matcher)) {
    return isEntries(matcher) && matcher.length > 0
      ? `{${matcher.map(describeEntry).join(', ')}}`
      : `[${matcher.map(describeWhole).join(', ')}]`;
  }
  if (!isObject(matcher)) return formatWhole(matcher);
  const members = Object.entries(matcher).map(([name, part]) => `${name}: ${describeWhole(part)}`);
  return `{${members.join(', ')}}`;
}

function describeEntry({ key, value }: ExpectedEntry): string {
  const isUnkeyed = key === undefined || key === null;
  return isUnkeyed ? describeWhole(value) : `${formatWhole(key)}: ${describeWhole(value)}`;
}

function describeBounds({ atLeast, atMost }: Bounds): string {
  if (atLeast === undefined) return `at most ${atMost}`;
  return atMost === undefined ? `at least ${atLeast}` : `${atLeast} to ${atMost}`;
}

export function isBounds(matcher: unknown): matcher is Bounds {
  return hasOnly(matcher, ['atLeast', 'atMost']);
}

export function isContains(matcher: unknown): matcher is { readonly contains: unknown } {
  return hasOnly(matcher, ['contains']);
}

export function isEntries(list: unknown): list is readonly ExpectedEntry[] {
  return Array.isArray(list) && list.every(each => hasOnly(each, ['key', 'value']));
}

function hasOnly(value: unknown, names: readonly string[]): boolean {
  if (!isObject(value)) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every(key => names.includes(key));
}

/** What is written `{ … }`: neither a list nor a pattern. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  return !Array.isArray(value) && !(value instanceof RegExp);
}
