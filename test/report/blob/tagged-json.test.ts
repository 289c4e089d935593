import { expect, test } from 'vitest';
import { fromTagged, toTagged } from '../../../harness/report/blob/tagged-json.ts';

test.each([
  [/^a "b"\/c$/gi],
  [2n ** 64n],
  [-1n],
  [[1, undefined, [/x/]]],
  [{ a: null, b: [true, 'text', { c: /y/m }] }],
  [{ $regexp: ['a', ''], $bigint: 'x', b: 1n }],
  [{ $undefined: true }],
])('%s comes back from JSON as it was', value => {
  expect(fromTagged(JSON.parse(JSON.stringify(toTagged(value))))).toEqual(value);
});

test('members without a value and bytes are left out', () => {
  expect(toTagged({ a: undefined, b: Buffer.from('x'), c: 1 })).toEqual({ c: 1 });
});

test('what was never written is refused', () => {
  expect(() => fromTagged({ $other: 1 })).toThrow();
  expect(() => fromTagged({ $bigint: 'x' })).toThrow();
});
