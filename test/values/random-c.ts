import { randomInteger } from '../support/seeded.ts';

/** A C variable with its initial value, and what that is in JSON. */
export interface Sample {
  /** Definitions of types that the variable needs. */
  readonly types: string;
  readonly declaration: string;
  readonly value: unknown;
}

/** A type of C with a value: `declare` puts the name of a member or variable where C wants it. */
interface Typed {
  readonly declare: (name: string) => string;
  readonly initial: string;
  readonly value: unknown;
}

interface Integer {
  readonly type: string;
  readonly bits: number;
  readonly signed: boolean;
}

const INTEGERS: readonly Integer[] = [
  { type: '__u8', bits: 8, signed: false },
  { type: 'signed char', bits: 8, signed: true },
  { type: '__u16', bits: 16, signed: false },
  { type: 'short', bits: 16, signed: true },
  { type: 'unsigned', bits: 32, signed: false },
  { type: 'const volatile number', bits: 32, signed: true },
  { type: '__u64', bits: 64, signed: false },
  { type: 'long long', bits: 64, signed: true },
];

/** What all samples share. */
export const PREAMBLE = `
#include <linux/types.h>
#include <stdbool.h>
typedef int number;
enum color { RED, GREEN = 5, NONE = -7 };
enum wide { SMALL = 1, TOP = 0xfedcba9876543210ULL };
`;

const ENUMS = [
  ['enum color', ['RED', 'GREEN', 'NONE']],
  ['enum wide', ['SMALL', 'TOP']],
] as const;

/** A struct of random members and their initial values, as the variable `name`. */
export function randomSample(random: () => number, name: string): Sample {
  const body = members(random, 0);
  return {
    types: `struct ${name}_t { ${body.declarations} }${random() < 0.2 ? ' __attribute__((packed))' : ''};`,
    declaration: `struct ${name}_t ${name} = { ${body.initial} };`,
    value: body.value,
  };
}

function members(random: () => number, depth: number) {
  const declarations: string[] = [];
  const initials: string[] = [];
  const value: Record<string, unknown> = {};
  for (let index = randomInteger(random, 6); index >= 0; index--) {
    const name = `m${depth}_${randomInteger(random, 1e9)}`;
    const nested = depth < 3 ? random() : 1;
    if (nested < 0.15) {
      const inner = members(random, depth + 1);
      declarations.push(`struct { ${inner.declarations} };`);
      initials.push(inner.initial);
      Object.assign(value, inner.value);
    } else if (nested < 0.3) {
      const { declarations: others, initial, value: chosen } = union(random, depth);
      declarations.push(`union { ${others} };`);
      initials.push(initial);
      Object.assign(value, chosen);
    } else {
      const typed = random() < 0.3 ? bitfield(random) : anyType(random, depth);
      declarations.push(`${typed.declare(name)};`);
      initials.push(`.${name} = ${typed.initial}`);
      value[name] = typed.value;
    }
  }
  return { declarations: declarations.join(' '), initial: initials.join(', '), value };
}

/** Members that share their bytes, of which one has a value. */
function union(random: () => number, depth: number) {
  const all = Array.from({ length: 1 + randomInteger(random, 3) }, () => ({
    name: `u${depth}_${randomInteger(random, 1e9)}`,
    typed: anyType(random, depth + 1),
  }));
  const chosen = all[randomInteger(random, all.length)] ?? all[0];
  return {
    declarations: all.map(({ name, typed }) => `${typed.declare(name)};`).join(' '),
    initial: `.${chosen?.name} = ${chosen?.typed.initial}`,
    value: { [chosen?.name ?? '']: chosen?.typed.value },
  };
}

function anyType(random: () => number, depth: number): Typed {
  const makers: ((random: () => number, depth: number) => Typed)[] = [
    ...[integer, integer, integer, boolean, enumeration, text],
  ];
  if (depth < 3) makers.push(array, array, struct, namedUnion);
  return (makers[randomInteger(random, makers.length)] ?? integer)(random, depth);
}

function integer(random: () => number): Typed {
  const { type, bits, signed } = INTEGERS[randomInteger(random, INTEGERS.length)] as Integer;
  return { declare: name => `${type} ${name}`, ...number(random, { bits, signed }) };
}

function bitfield(random: () => number): Typed {
  const { type, bits, signed } = INTEGERS[randomInteger(random, INTEGERS.length)] as Integer;
  const width = 1 + randomInteger(random, bits);
  return {
    declare: name => `${type} ${name} : ${width}`,
    ...number(random, { bits: width, signed }),
  };
}

function number(random: () => number, { bits, signed }: { bits: number; signed: boolean }) {
  const words = BigInt(randomInteger(random, 2 ** 32)) << 32n;
  const any = words | BigInt(randomInteger(random, 2 ** 32));
  const value = signed ? BigInt.asIntN(bits, any) : BigInt.asUintN(bits, any);
  const safe = BigInt(Number.MAX_SAFE_INTEGER);
  const initial = signed ? `(long long)${BigInt.asUintN(64, value)}ULL` : `${value}ULL`;
  return { initial, value: value > safe || value < -safe ? String(value) : Number(value) };
}

function boolean(random: () => number): Typed {
  const value = random() < 0.5;
  return { declare: name => `bool ${name}`, initial: String(value), value };
}

function enumeration(random: () => number): Typed {
  const [type, names] = ENUMS[randomInteger(random, ENUMS.length)] ?? ENUMS[0];
  const value = names[randomInteger(random, names.length)] ?? names[0];
  return { declare: name => `${type} ${name}`, initial: value, value };
}

function text(random: () => number): Typed {
  const length = 1 + randomInteger(random, 9);
  const value = 'eth0: ok!'.slice(0, randomInteger(random, length + 1));
  return { declare: name => `char ${name}[${length}]`, initial: `"${value}"`, value };
}

function array(random: () => number): Typed {
  const element = random() < 0.5 ? integer(random) : text(random);
  const count = 1 + randomInteger(random, 3);
  return {
    declare: name => element.declare(`${name}[${count}]`),
    initial: `{ ${Array.from({ length: count }, () => element.initial).join(', ')} }`,
    value: Array.from({ length: count }, () => element.value),
  };
}

function struct(random: () => number, depth: number): Typed {
  const body = members(random, depth + 1);
  return {
    declare: name => `struct { ${body.declarations} } ${name}`,
    initial: `{ ${body.initial} }`,
    value: body.value,
  };
}

function namedUnion(random: () => number, depth: number): Typed {
  const body = union(random, depth);
  return {
    declare: name => `union { ${body.declarations} } ${name}`,
    initial: `{ ${body.initial} }`,
    value: body.value,
  };
}
