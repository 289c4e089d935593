import { z } from 'zod';
import { parseTargetRange } from '../config/target-range.ts';
import { asError } from '../crossbpf-error.ts';
import { fromHex, toHex } from '../values/hex.ts';
import { oneOrMore, strictObject } from './strict-object.ts';

/** A key or value as users write it; what it must look like is up to its type in the object. */
export type UserValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly UserValue[]
  | { readonly [key: string]: UserValue };

/** What a value must be: a literal, `{ atLeast, atMost }`, a RegExp or `'/text/i'`, or those inside of objects and lists. */
export type UserMatcher =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | RegExp
  | readonly UserMatcher[]
  | { readonly [key: string]: UserMatcher };

/** A matcher after parsing: numbers and bytes as values are shown, `'/text/'` as a RegExp. */
export type Matcher =
  | null
  | boolean
  | number
  | string
  | RegExp
  | readonly Matcher[]
  | { readonly [key: string]: Matcher };

/** Something that knows its own bytes, as `packet` does. */
export interface ByteSource {
  bytes(): Uint8Array;
}

const isValue = (value: unknown): boolean => {
  if (value === null || value instanceof Uint8Array) return true;
  if (Array.isArray(value)) return value.every(isValue);
  if (typeof value === 'object') return isPlain(value) && Object.values(value).every(isValue);
  return ['boolean', 'number', 'bigint', 'string'].includes(typeof value);
};
const isMatcher = (value: unknown): boolean => {
  if (value instanceof RegExp) return true;
  if (Array.isArray(value)) return value.every(isMatcher);
  if (typeof value === 'object' && value !== null && isPlain(value)) {
    return Object.values(value).every(isMatcher);
  }
  return isValue(value);
};

const noValue = ({ input }: { readonly input?: unknown }) =>
  input === undefined ? 'it is missing' : 'it holds what is no value (undefined, a function)';

export const userValue = z.custom<UserValue>(isValue, { error: noValue });

export const matcher = z.custom<UserMatcher>(isMatcher, { error: noValue }).transform(toMatcher);

/** `true` for what is written `{}`, not made by a class. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function toMatcher(value: UserMatcher): Matcher {
  if (typeof value === 'string') return parseRegExp(value) ?? value;
  if (typeof value === 'bigint') return shownInteger(value);
  if (value instanceof Uint8Array) return toHex(value);
  if (value === null || typeof value !== 'object' || value instanceof RegExp) return value;
  if (Array.isArray(value)) return value.map(toMatcher);
  const entries = Object.entries(value as { readonly [key: string]: UserMatcher });
  return Object.fromEntries(entries.map(([key, inner]) => [key, toMatcher(inner)]));
}

function shownInteger(value: bigint): number | string {
  const isSafe = value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
  return isSafe ? Number(value) : value.toString();
}

/** `/unknown func/i`, for JSON. What is between slashes but is no regular expression is text. */
function parseRegExp(text: string): RegExp | undefined {
  const [, source, flags] = /^\/(.+)\/([imsu]*)$/s.exec(text) ?? [];
  if (source === undefined) return undefined;
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}

/** Text that must be in what was said, or a regular expression that must match it. */
export const textMatcher = z
  .union([z.string(), z.instanceof(RegExp)], { error: 'expected a text or a regular expression' })
  .transform(text => (typeof text === 'string' ? (parseRegExp(text) ?? text) : text));

/** A number, or the bounds that it must be within. */
export const numberMatcher = z.union([
  z.number(),
  strictObject({ atLeast: z.number().optional(), atMost: z.number().optional() }).refine(
    ({ atLeast, atMost }) => atLeast !== undefined || atMost !== undefined,
    { error: 'it needs atLeast, atMost, or both' },
  ),
]);

const NOT_BYTES =
  "expected bytes: '0x…' with two digits a byte, { text: '…' }, a Buffer or a packet";

/** Bytes as `0x…`, in whichever way they are written. */
export const bytes = z
  .custom<string | Uint8Array | ByteSource | { readonly text: string }>(
    value => value !== undefined,
    { error: 'it is missing' },
  )
  .transform((value, context) => {
    try {
      const found = bytesOf(value);
      if (found !== undefined) return toHex(found);
      context.addIssue({ code: 'custom', message: NOT_BYTES });
    } catch (thrown) {
      // A packet that cannot be.
      context.addIssue({ code: 'custom', message: asError(thrown).message });
    }
    return z.NEVER;
  });

function bytesOf(value: unknown): Uint8Array | undefined {
  if (typeof value === 'string') return fromHex(value);
  if (value instanceof Uint8Array) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  if ('text' in value && typeof value.text === 'string' && Object.keys(value).length === 1) {
    return Buffer.from(value.text);
  }
  return isByteSource(value) ? value.bytes() : undefined;
}

function isByteSource(value: object): value is ByteSource {
  return 'bytes' in value && typeof value.bytes === 'function';
}

/** One range of targets, `linux >=5.17`, or several; absent: every target. */
export const on = oneOrMore(
  z.string().superRefine((text, context) => {
    try {
      parseTargetRange(text);
    } catch (thrown) {
      context.addIssue({ code: 'custom', message: asError(thrown).message });
    }
  }),
).optional();
