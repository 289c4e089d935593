import type { Json } from '../values/json.ts';
import {
  type Bounds,
  describeMatcher,
  type ExpectedEntry,
  isBounds,
  isContains,
  isEntries,
  isObject,
} from './matcher.ts';
import {
  isList,
  keyStep,
  MapContents,
  type MapEntry,
  memberStep,
  type Node,
  type Path,
} from './node.ts';
import { shortText, shortTexts } from './texts.ts';

/** A place at which a value is not as expected. */
export interface Mismatch {
  readonly path: Path;
  readonly expected: string;
  readonly actual: string;
}

/**
 * Holds a value against what is expected of it: a literal (of objects only the members that are given; lists
 * and maps entirely), a RegExp, `{ atLeast, atMost }`, or `{ contains }`. Gives every place that does not fit.
 */
export function mismatches(matcher: unknown, node: Node | undefined, path: Path = []): Mismatch[] {
  if (matcher === undefined) return check(node !== undefined, { matcher, node, path });
  if (isBounds(matcher)) return check(isWithin(node, matcher), { matcher, node, path });
  if (isContains(matcher)) return containsMismatches(matcher.contains, node, path);
  if (Array.isArray(matcher)) return listMismatches(matcher, node, path);
  if (isObject(matcher)) return objectMismatches(matcher, node, path);
  const fits = matcher instanceof RegExp ? fitsPattern(node, matcher) : isSameScalar(node, matcher);
  return check(fits, { matcher, node, path });
}

/** Whether an expectation says anything of a place in a value, be it that nothing is there. */
export function addresses(matcher: unknown, path: Path): boolean {
  const [step, ...rest] = path;
  if (step === undefined) return true;
  if (isContains(matcher)) {
    const wanted = isEntries(matcher.contains) ? entryAt(matcher.contains, step) : undefined;
    return wanted !== undefined && addresses(wanted.value, rest);
  }
  if (Array.isArray(matcher)) {
    if (matcher.length > 0 && isEntries(matcher)) {
      const wanted = entryAt(matcher, step);
      return wanted === undefined || addresses(wanted.value, rest);
    }
    const index = matcher.findIndex((_, at) => step === `[${at}]`);
    return index < 0 || addresses(matcher[index], rest);
  }
  if (!isObject(matcher) || isBounds(matcher)) return false;
  const member = Object.entries(matcher).find(([name]) => memberStep(name) === step);
  return member !== undefined && addresses(member[1], rest);
}

function listMismatches(list: readonly unknown[], node: Node | undefined, path: Path): Mismatch[] {
  if (node instanceof MapContents) {
    if (!node.isKeyed) return listMismatches(unkeyed(list), valuesOf(node), path);
    if (isEntries(list)) return entryMismatches(list, node, { path, noOthers: true });
    // A list of values where a map is empty: a queue, say.
    if (node.entries.length === 0) return listMismatches(list, [], path);
  }
  if (node === undefined || !Array.isArray(node)) return [mismatch(list, node, path)];
  const length = Math.max(list.length, node.length);
  return Array.from({ length }, (_, index) => index).flatMap(index => {
    const here = [...path, `[${index}]`];
    if (index >= list.length) return [absent(node[index], here)];
    return mismatches(list[index], node[index], here);
  });
}

/** Entries without keys stand for their values. */
function unkeyed(list: readonly unknown[]): readonly unknown[] {
  const isUnkeyed = isEntries(list) && list.every(({ key }) => key === undefined || key === null);
  return isUnkeyed ? list.map(({ value }) => value) : list;
}

function valuesOf({ entries }: MapContents) {
  return entries.map(({ value }) => value);
}

interface EntryOptions {
  readonly path: Path;
  readonly noOthers: boolean;
}

function entryMismatches(
  wanted: readonly ExpectedEntry[],
  { entries }: MapContents,
  { path, noOthers }: EntryOptions,
): Mismatch[] {
  const others = new Set(entries);
  const listed = wanted.flatMap(({ key, value }) => {
    const found = entries.find(each => keyStep(each.key) === keyStep(key)) ?? likeKey(entries, key);
    if (found !== undefined) others.delete(found);
    return mismatches(value, found?.value, [...path, keyStep(found?.key ?? key)]);
  });
  if (!noOthers) return listed;
  const unlisted = [...others].map(({ key, value }) => absent(value, [...path, keyStep(key)]));
  return [...listed, ...unlisted];
}

/** A key may be given in part, or with its members in another order. */
function likeKey(entries: readonly MapEntry[], key: unknown): MapEntry | undefined {
  return entries.find(each => mismatches(key, each.key).length === 0);
}

function entryAt(wanted: readonly ExpectedEntry[], step: string): ExpectedEntry | undefined {
  return wanted.find(({ key }) => keyStep(key) === step);
}

function containsMismatches(contains: unknown, node: Node | undefined, path: Path): Mismatch[] {
  const matcher = { contains };
  if (Array.isArray(contains)) {
    if (node instanceof MapContents && node.isKeyed && isEntries(contains)) {
      return entryMismatches(contains, node, { path, noOthers: false });
    }
    const there = node instanceof MapContents ? valuesOf(node) : asList(node);
    const isIn = (each: unknown) => there.some(part => mismatches(each, part).length === 0);
    const fits = isListed(node) && unkeyed(contains).every(isIn);
    return check(fits, { matcher, node, path });
  }
  const isIn = (part: unknown) => typeof part === 'string' && part.includes(String(contains));
  return check(Array.isArray(node) ? node.some(isIn) : isIn(node), { matcher, node, path });
}

function objectMismatches(
  wanted: Readonly<Record<string, unknown>>,
  node: Node | undefined,
  path: Path,
): Mismatch[] {
  if (!isObject(node) || node instanceof MapContents) return [mismatch(wanted, node, path)];
  const members = node as Readonly<Record<string, Node>>;
  return Object.entries(wanted).flatMap(([name, part]) =>
    mismatches(part, members[name], [...path, memberStep(name)]),
  );
}

interface Checked {
  readonly matcher: unknown;
  readonly node: Node | undefined;
  readonly path: Path;
}

function check(fits: boolean, { matcher, node, path }: Checked): Mismatch[] {
  return fits ? [] : [mismatch(matcher, node, path)];
}

function mismatch(matcher: unknown, node: Node | undefined, path: Path): Mismatch {
  if (typeof matcher === 'string' && typeof node === 'string') {
    const [expected = '', actual = ''] = shortTexts([matcher, node]);
    return { path, expected, actual };
  }
  return { path, expected: describeMatcher(matcher), actual: shortText(node) };
}

function absent(node: Node | undefined, path: Path): Mismatch {
  return { path, expected: 'absent', actual: shortText(node) };
}

function isListed(node: Node | undefined): boolean {
  return node instanceof MapContents || Array.isArray(node);
}

function asList(node: Node | undefined): readonly Json[] {
  return node !== undefined && !(node instanceof MapContents) && isList(node) ? node : [];
}

function fitsPattern(node: Node | undefined, pattern: RegExp): boolean {
  if (node === undefined || (typeof node === 'object' && node !== null)) return false;
  // A pattern with the flag g or y would begin where it last ended.
  return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).test(String(node));
}

/** Numbers beyond 2^53 are text in a value, and may be so in what is expected. */
function isSameScalar(node: Node | undefined, wanted: unknown): boolean {
  if (node === wanted) return true;
  if (typeof node !== 'string' && typeof wanted !== 'string') return false;
  const [a, b] = [node, wanted].map(String) as [string, string];
  const isNumber = typeof node === 'number' || typeof wanted === 'number';
  return isNumber ? a === b : /^0x/i.test(a) && a.toLowerCase() === b.toLowerCase();
}

function isWithin(node: Node | undefined, { atLeast, atMost }: Bounds): boolean {
  if (typeof node !== 'number' && !(typeof node === 'string' && /^-?\d+$/.test(node))) return false;
  const from = atLeast === undefined || compareNumbers(node, atLeast) >= 0;
  return from && (atMost === undefined || compareNumbers(node, atMost) <= 0);
}

function compareNumbers(a: number | string, b: number | string): number {
  const isWhole = [a, b].every(each => typeof each === 'string' || Number.isInteger(each));
  if (!isWhole) return Number(a) - Number(b);
  const difference = BigInt(a) - BigInt(b);
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}
