import { describe, expect, test } from 'vitest';
import { decodeValue } from '../../harness/values/decode-value.ts';
import { encodeValue } from '../../harness/values/encode-value.ts';
import type { Layout, MemberLayout } from '../../harness/values/layout.ts';

const int = (bits: number, signed = false): Layout => ({ kind: 'int', size: bits / 8, signed });
const u8 = int(8);
const u32 = int(32);
const u64 = int(64);
const s64 = int(64, true);
const text: Layout = { kind: 'text', size: 8 };
const color: Layout = {
  kind: 'enum',
  name: 'color',
  size: 4,
  signed: true,
  names: [
    { name: 'RED', value: '0' },
    { name: 'GREEN', value: '1' },
    { name: 'NONE', value: '-1' },
  ],
};
const list: Layout = { kind: 'array', count: 3, size: 6, element: int(16) };

function struct(size: number, ...members: MemberLayout[]): Layout {
  return { kind: 'struct', name: 'config', size, members };
}

function union(size: number, ...members: MemberLayout[]): Layout {
  return { kind: 'union', name: 'either', size, members };
}

function member(name: string, offset: number, layout: Layout): MemberLayout {
  return { name, offset, layout };
}

function bitfield(name: string, at: [byte: number, bit: number, width: number], layout: Layout) {
  const [offset, bit, size] = at;
  return { name, offset, bits: { offset: bit, size }, layout };
}

const encoded = (value: unknown, layout: Layout | null, size = layout?.size ?? 4) =>
  encodeValue(value, layout, size).toString('hex');
const decoded = (hex: string, layout: Layout | null) =>
  decodeValue(Buffer.from(hex, 'hex'), layout);
const refusal = (value: unknown, layout: Layout | null, size = layout?.size ?? 4) => {
  try {
    return encodeValue(value, layout, size).toString('hex');
  } catch (error) {
    return (error as { summary: string }).summary;
  }
};

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
