import { describe, expect, test } from 'vitest';
import type { Layout } from '../../harness/values/layout.ts';
import {
  bitfield,
  color,
  decoded,
  encoded,
  int,
  list,
  member,
  refusal,
  struct,
  text,
  u8,
  u32,
  u64,
  union,
} from '../support/layouts.ts';

describe('structs', () => {
  const config = struct(16, member('limit', 0, u8), member('name', 8, text));
  const nested = struct(24, member('inner', 0, config), member('ports', 16, list));

  test('are objects, and members that are not given are zero', () => {
    expect(encoded({ limit: 3, name: 'eth0' }, config)).toBe('03000000000000006574683000000000');
    expect(encoded({}, config)).toBe('00'.repeat(16));
    expect(decoded('03ffffffffffffff6574683000000000', config)).toEqual({ limit: 3, name: 'eth0' });
  });

  test('say where a value is wrong', () => {
    expect(refusal({ inner: { limit: 300 } }, nested)).toBe(
      'value.inner.limit: 300 does not fit u8 (0 to 255)',
    );
    expect(refusal({ ports: [1, 2, 'x'] }, nested)).toContain(
      'value.ports[2]: expected an integer',
    );
    expect(refusal({ ports: [1, 2, 3, 4] }, nested)).toContain(
      '4 elements do not fit an array of 3',
    );
    expect(refusal({ inner: { limits: 1 } }, nested)).toBe(
      'value.inner: struct config has no member "limits". Did you mean limit?',
    );
    expect(refusal([1], config)).toBe('value: expected an object (struct config), got a list');
    expect(refusal('0x0102', config)).toBe('value: "0x0102" has 2 bytes, and 16 are needed');
  });

  test('may be all of their bytes as hex', () => {
    expect(encoded(`0x${'ab'.repeat(16)}`, config)).toBe('ab'.repeat(16));
    expect(encoded({ inner: `0x${'ab'.repeat(16)}` }, nested)).toBe(
      `${'ab'.repeat(16)}${'00'.repeat(8)}`,
    );
  });

  test('may hold names that objects of JavaScript have', () => {
    const odd = struct(8, member('__proto__', 0, u32), member('constructor', 4, u32));
    expect(Object.entries(decoded('0100000002000000', odd) as object)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ]);
    expect(encoded({}, odd)).toBe('0000000000000000');
    expect(encoded(JSON.parse('{"__proto__": 5}'), odd)).toBe('0500000000000000');
  });
});

describe('bitfields', () => {
  const bits = struct(
    4,
    bitfield('low', [0, 0, 3], u32),
    bitfield('signed', [0, 3, 7], int(32, true)),
    bitfield('color', [1, 2, 2], color),
    bitfield('rest', [1, 4, 20], u32),
  );

  test('are as wide as their width', () => {
    const value = { low: 5, signed: -3, color: 'NONE', rest: 0xabcde };
    expect(encoded(value, bits)).toBe('edefcdab');
    expect(decoded('edefcdab', bits)).toEqual(value);
    expect(refusal({ low: 8 }, bits)).toBe('value.low: 8 does not fit u32:3 (0 to 7)');
    expect(refusal({ signed: 64 }, bits)).toBe('value.signed: 64 does not fit s32:7 (-64 to 63)');
  });

  test('count from the highest bit in big-endian objects', () => {
    const big = { ...u32, order: 'big' } as Layout;
    const layout = struct(4, bitfield('low', [0, 0, 4], big), bitfield('rest', [0, 4, 12], big));
    expect(encoded({ low: 5, rest: 0x678 }, layout)).toBe('56780000');
    expect(decoded('56780000', layout)).toEqual({ low: 5, rest: 0x678 });
  });
});

describe('unions', () => {
  const pair = struct(8, member('port', 0, int(16)), member('rest', 4, u32));
  const either = union(8, member('whole', 0, u64), member('pair', 0, pair));

  test('show every member', () => {
    expect(decoded('0100ffff02000000', either)).toEqual({
      whole: 12884836353,
      pair: { port: 1, rest: 2 },
    });
  });

  test('are written by one member, or by several that agree', () => {
    expect(encoded({ pair: { rest: 2 } }, either)).toBe('0000000002000000');
    expect(encoded({ whole: 12884836353, pair: { port: 1, rest: 2 } }, either)).toBe(
      '0100ffff02000000',
    );
    expect(refusal({ whole: 1, pair: { port: 2 } }, either)).toBe(
      'value: whole and pair share their bytes in a union and say different things. Give one of them.',
    );
  });

  test('without a name are written as the members of their parent', () => {
    const layout = struct(
      16,
      member('kind', 0, u8),
      member('', 8, union(8, member('a', 0, u32), member('', 0, pair))),
    );
    expect(decoded('01000000000000000500000006000000', layout)).toEqual({
      kind: 1,
      a: 5,
      port: 5,
      rest: 6,
    });
    expect(encoded({ kind: 1, port: 5, rest: 6 }, layout)).toBe('01000000000000000500000006000000');
    expect(refusal({ a: 1, port: 2 }, layout)).toContain('value: a and port share their bytes');
    expect(refusal({ ports: 2 }, layout)).toContain('Did you mean port?');
  });
});

test('what belongs to the kernel does not show and cannot be set', () => {
  const lock: Layout = { kind: 'opaque', name: 'struct bpf_spin_lock', size: 4 };
  const layout = struct(8, member('lock', 0, lock), member('count', 4, u32));
  expect(decoded('0100000002000000', layout)).toEqual({ count: 2 });
  expect(decoded('01000000', lock)).toBeNull();
  expect(encoded({ lock: null, count: 2 }, layout)).toBe('0000000002000000');
  expect(refusal({ lock: 1 }, layout)).toBe(
    'value.lock: struct bpf_spin_lock belongs to the kernel and cannot be set. Leave it out.',
  );
});
