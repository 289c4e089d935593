import { expect, test } from 'vitest';
import { readBits, writeBits } from '../../harness/values/bits.ts';
import { decodeValue } from '../../harness/values/decode-value.ts';
import { encodeValue } from '../../harness/values/encode-value.ts';
import { layout as layoutSchema } from '../../harness/values/layout.ts';
import { randomBytes, randomInteger, seeded } from '../support/seeded.ts';
import { randomLayout } from './random-layout.ts';

test('what was decoded is encoded to bytes that mean the same', () => {
  const random = seeded(7);
  let kept = 0;
  for (let round = 0; round < 4000; round++) {
    const layout = randomLayout(random);
    const bytes = somewhatRandom(random, layout.size);
    const value = decodeValue(bytes, layout);
    const again = encodeValue(throughJson(value), layout, layout.size);
    expect(decodeValue(again, layout), JSON.stringify(layout)).toEqual(value);
    if (again.equals(bytes)) kept++;
  }
  // The others have padding, opaque members or something behind the end of a text.
  expect(kept).toBeGreaterThan(1000);
});

test('without padding the bytes are the same', () => {
  const random = seeded(8);
  for (let round = 0; round < 2000; round++) {
    const size = 2 ** randomInteger(random, 5);
    const layout = { kind: 'int', size, signed: random() < 0.5 } as const;
    const bytes = randomBytes(random, size);
    expect(encodeValue(decodeValue(bytes, layout), layout, size)).toEqual(bytes);
  }
});

test('a layout is what it was after its schema', () => {
  const random = seeded(9);
  for (let round = 0; round < 500; round++) {
    const layout = throughJson(randomLayout(random));
    expect(layoutSchema.parse(layout)).toEqual(layout);
  }
});

test('numbers of bits are read as they were written, and nothing beside them changes', () => {
  const random = seeded(10);
  for (let round = 0; round < 4000; round++) {
    const order = random() < 0.5 ? 'big' : undefined;
    const aligned = random() < 0.5;
    const size = aligned ? 8 << randomInteger(random, 4) : 1 + randomInteger(random, 64);
    const start = aligned ? 8 * randomInteger(random, 4) : randomInteger(random, 32);
    const bytes = randomBytes(random, 16);
    const before = bytes.toString('hex');
    const old = readBits(bytes, { start, size, order });
    const value = BigInt.asUintN(size, randomBytes(random, 8).readBigUInt64LE());
    writeBits(bytes, { start, size, order }, value);
    expect(readBits(bytes, { start, size, order })).toBe(value);
    writeBits(bytes, { start, size, order }, old);
    expect(bytes.toString('hex')).toBe(before);
  }
});

function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

/** With more zeros, ones and letters than chance would have. */
function somewhatRandom(random: () => number, length: number): Buffer {
  const pick = [
    () => 0,
    () => 255,
    () => 97 + randomInteger(random, 26),
    () => randomInteger(random, 256),
  ];
  return Buffer.from(
    Array.from({ length }, () => (pick[randomInteger(random, pick.length)] ?? (() => 0))()),
  );
}
