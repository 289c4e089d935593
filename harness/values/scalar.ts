import { badValue, show, suggest } from './bad-value.ts';
import { withSign } from './bits.ts';
import { fromFloatBits, toFloatBits } from './float.ts';
import type { Json } from './json.ts';
import type {
  BoolLayout,
  EnumLayout,
  FloatLayout,
  IntLayout,
  Layout,
  PointerLayout,
} from './layout.ts';

export type ScalarLayout = IntLayout | BoolLayout | FloatLayout | PointerLayout | EnumLayout;

export function isScalar(layout: Layout): layout is ScalarLayout {
  return ['int', 'bool', 'float', 'pointer', 'enum'].includes(layout.kind);
}

/** A scalar and the number of its bits, which a bitfield has fewer of than its type. */
export interface ScalarPlace {
  readonly layout: ScalarLayout;
  readonly width: number;
  readonly path: string;
}

/** An integer as a report holds it: a number up to 2^53 - 1, else its decimal digits. */
function integerAsJson(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** What the bits of a scalar, read without a sign, mean. */
export function decodeScalar(raw: bigint, layout: ScalarLayout, width: number): Json {
  switch (layout.kind) {
    case 'bool':
      return raw <= 1n ? raw === 1n : integerAsJson(raw);
    case 'float':
      return fromFloatBits(raw, layout.size);
    case 'pointer':
      return `0x${raw.toString(16)}`;
    case 'int':
      return integerAsJson(layout.signed ? withSign(raw, width) : raw);
    case 'enum': {
      const number = layout.signed ? withSign(raw, width) : raw;
      const text = String(number);
      return layout.names.find(({ value }) => value === text)?.name ?? integerAsJson(number);
    }
  }
}

/** The bits of a scalar; a negative number has its sign extended. */
export function encodeScalar(value: unknown, place: ScalarPlace): bigint {
  const { layout } = place;
  if (layout.kind === 'float') {
    const bits = toFloatBits(value, layout.size);
    if (bits === undefined) throw wrongKind(value, place);
    return bits;
  }
  if (layout.kind === 'bool' && typeof value === 'boolean') return value ? 1n : 0n;
  const number = (layout.kind === 'enum' ? enumNumber(value, layout) : undefined) ?? integer(value);
  if (number === undefined) throw wrongKind(value, place);
  const [least, most] = rangeOf(place);
  if (number < least || number > most) {
    throw badValue(
      place.path,
      `${show(value)} does not fit ${labelOf(place)} (${least} to ${most})`,
    );
  }
  return number;
}

/** An integer from a number, a bigint, or a string of decimal digits or of `0x` and hexadecimal ones. */
function integer(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (typeof value !== 'string') return undefined;
  const [, sign, digits] = /^(-?)(\d+|0x[0-9a-f]+)$/i.exec(value) ?? [];
  if (digits === undefined) return undefined;
  return sign === '-' ? -BigInt(digits) : BigInt(digits);
}

function enumNumber(value: unknown, layout: EnumLayout): bigint | undefined {
  const found = layout.names.find(({ name }) => name === value);
  return found === undefined ? undefined : BigInt(found.value);
}

function rangeOf({ layout, width }: ScalarPlace): [bigint, bigint] {
  const signed = (layout.kind === 'int' || layout.kind === 'enum') && layout.signed;
  const values = 1n << BigInt(width);
  return signed ? [-values / 2n, values / 2n - 1n] : [0n, values - 1n];
}

function expected(place: ScalarPlace): string {
  const { kind, size } = place.layout;
  if (kind === 'bool') return 'true or false';
  if (kind === 'float') return `a number that fits ${size === 4 ? 'float' : 'double'}`;
  if (kind === 'enum') return `a name or number of ${labelOf(place)}`;
  return `an integer (${labelOf(place)})`;
}

function wrongKind(value: unknown, place: ScalarPlace) {
  const { layout, path } = place;
  if (layout.kind !== 'float' && typeof value === 'number' && Number.isInteger(value)) {
    const hint = 'Write it as a string of its digits, or as a bigint.';
    return badValue(path, `${value} is too large for a number of JavaScript`, hint);
  }
  if (layout.kind === 'enum' && typeof value === 'string') {
    const names = layout.names.map(({ name }) => name);
    return badValue(path, `${labelOf(place)} has no ${show(value)}`, suggest(value, names));
  }
  return badValue(path, `expected ${expected(place)}, got ${show(value)}`);
}

/** A type in words that C programmers of BPF know: `u8`, `enum color`; a bitfield with its width, `u32:3`. */
function labelOf({ layout, width }: ScalarPlace): string {
  const bits = width === layout.size * 8 ? '' : `:${width}`;
  switch (layout.kind) {
    case 'int':
      return `${layout.signed ? 's' : 'u'}${layout.size * 8}${bits}`;
    case 'enum':
      return `enum ${layout.name || '(anonymous)'}${bits}`;
    default:
      return `${layout.kind}${bits}`;
  }
}
