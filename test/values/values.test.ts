import { describe, expect, test } from 'vitest';
import { encodeValue } from '../../harness/values/encode-value.ts';
import type { Layout } from '../../harness/values/layout.ts';
import {
  color,
  decoded,
  encoded,
  int,
  refusal,
  s64,
  text,
  u8,
  u32,
  u64,
} from '../support/layouts.ts';

describe('integers', () => {
  test.each([
    [53, u32, '35000000'],
    ['0x10', u32, '10000000'],
    [0xfffffffffn, u64, 'ffffffff0f000000'],
    ['18446744073709551615', u64, 'ffffffffffffffff'],
    [-2, s64, 'feffffffffffffff'],
    ['-9223372036854775808', s64, '0000000000000080'],
    [(1n << 127n) - 1n, int(128, true), `${'ff'.repeat(15)}7f`],
    [258, { ...int(16), order: 'big' } as Layout, '0102'],
  ])('%s is written as its type is in memory', (value, layout, hex) => {
    expect(encoded(value, layout)).toBe(hex);
  });

  test('beyond 2^53 - 1 they are strings of their digits', () => {
    expect(decoded('ffffffffffff1f00', u64)).toBe(2 ** 53 - 1);
    expect(decoded('0000000000002000', u64)).toBe('9007199254740992');
    expect(decoded('0000000000000080', s64)).toBe('-9223372036854775808');
    expect(decoded('ffffffffffffffff', s64)).toBe(-1);
  });

  test.each([
    [300, u8, 'value: 300 does not fit u8 (0 to 255)'],
    [-1, u32, 'value: -1 does not fit u32 (0 to 4294967295)'],
    ['18446744073709551616', u64, '0 to 18446744073709551615'],
    [2 ** 60, u64, 'too large for a number of JavaScript. Write it as a string'],
    [1.5, u32, 'value: expected an integer (u32), got 1.5'],
    ['ten', u32, 'value: expected an integer (u32), got "ten"'],
    [true, u32, 'expected an integer (u32), got true'],
    [null, u32, 'expected an integer (u32), got null'],
    [{}, u32, 'expected an integer (u32), got an object'],
  ])('%s is refused', (value, layout, message) => {
    expect(refusal(value, layout)).toContain(message);
  });
});

test('a bool is true or false, and a number where it is neither', () => {
  const bool: Layout = { kind: 'bool', size: 1 };
  expect(encoded(true, bool)).toBe('01');
  expect([decoded('00', bool), decoded('01', bool), decoded('07', bool)]).toEqual([false, true, 7]);
  expect(refusal('yes', bool)).toBe('value: expected true or false, got "yes"');
});

test('an enum is a name, or a number that has none', () => {
  expect(encoded('GREEN', color)).toBe('01000000');
  expect(encoded('NONE', color)).toBe('ffffffff');
  expect([decoded('ffffffff', color), decoded('07000000', color)]).toEqual(['NONE', 7]);
  expect(refusal('GREN', color)).toBe('value: enum color has no "GREN". Did you mean GREEN?');
});

test('an enum of 64 bits keeps them all', () => {
  const names = [{ name: 'TOP', value: '18446744073709551615' }];
  const wide: Layout = { kind: 'enum', name: 'wide', size: 8, signed: false, names };
  expect(encoded('TOP', wide)).toBe('ffffffffffffffff');
  expect(decoded('ffffffffffffffff', wide)).toBe('TOP');
  expect(decoded('feffffffffffffff', wide)).toBe('18446744073709551614');
});

test('a pointer is hex', () => {
  const pointer: Layout = { kind: 'pointer', size: 8 };
  expect(decoded('00000000a0f8ffff', pointer)).toBe('0xfffff8a000000000');
  expect(encoded('0xfffff8a000000000', pointer)).toBe('00000000a0f8ffff');
});

test('a float, with what JSON has no number for', () => {
  const float: Layout = { kind: 'float', size: 4 };
  const double: Layout = { kind: 'float', size: 8 };
  expect(encoded(1.5, float)).toBe('0000c03f');
  expect(decoded('182d4454fb210940', double)).toBe(Math.PI);
  expect(decoded('000000000000f07f', double)).toBe('Infinity');
  expect(encoded('-0', double)).toBe('0000000000000080');
  expect(refusal(1e300, float)).toBe('value: expected a number that fits float, got 1e+300');
});

describe('texts', () => {
  test('end at the first NUL, whatever follows', () => {
    expect(encoded('eth0', text)).toBe('6574683000000000');
    expect(decoded('6574683000fe0102', text)).toBe('eth0');
    expect(decoded('6162636465666768', text)).toBe('abcdefgh');
    expect(decoded('c3a4000000000000', text)).toBe('ä');
  });

  test('are hex where they are not printable, or look like hex', () => {
    expect(decoded('0102000000000000', text)).toBe('0x0102000000000000');
    expect(decoded('ff61000000000000', text)).toBe('0xff61000000000000');
    expect(decoded('3078343100000000', text)).toBe('0x3078343100000000');
  });

  test('that do not fit are refused', () => {
    expect(refusal('123456789', text)).toBe(
      'value: "123456789" has 9 bytes and does not fit char[8]',
    );
    expect(refusal(5, text)).toBe('value: expected a text (char[8]), got 5');
  });
});

describe('without a type', () => {
  test('values are hex, or integers of the usual sizes', () => {
    expect(decoded('01020304', null)).toBe('0x01020304');
    expect(encoded('0x01020304', null)).toBe('01020304');
    expect(encoded(258, null)).toBe('02010000');
    expect(encoded(-1, null, 8)).toBe('ffffffffffffffff');
    expect(encoded('12345678901234567890', null, 8)).toBe('d20a1feb8ca954ab');
  });

  test('anything else is refused', () => {
    expect(refusal(1, null, 3)).toContain("must be 3 bytes as '0x…', got 1");
    expect(refusal({ a: 1 }, null, 16)).toContain("must be 16 bytes as '0x…', got an object");
    expect(refusal('0x1', null, 4)).toContain('must be 4 bytes as \'0x…\', got "0x1"');
    expect(refusal('0x01', null, 4)).toBe('value: "0x01" has 1 byte, and 4 are needed');
    expect(refusal(256, null, 1)).toBe('value: 256 does not fit u8 (0 to 255)');
  });
});

test('a value of a room that has a name is called by it', () => {
  const at = { size: 1, path: 'maps.ports[0].key' };
  expect(() => encodeValue(300, u8, at)).toThrow('maps.ports[0].key: 300 does not fit u8');
});

test('a layout larger than its bytes is not believed', () => {
  expect(decoded('0102', u32)).toBe('0x0102');
  expect(refusal('0x0102', u32, 2)).toBe('0102');
});
