import { randomInteger } from './seeded.ts';

type Random = () => number;

/** Ways in which an object is damaged, none of which needs to know what it damages. */
const DAMAGES: readonly ((object: Buffer, random: Random) => Buffer)[] = [
  flipBits,
  setNumbers,
  truncate,
  zeroRange,
  moveRange,
  damageHeaders,
];

/** A damaged copy of an object: one to three damages, of random kinds. */
export function mutate(object: Buffer, random: Random): Buffer {
  let mutant: Buffer = Buffer.from(object);
  for (let count = 1 + randomInteger(random, 3); count > 0; count--) {
    const damage = DAMAGES[randomInteger(random, DAMAGES.length)];
    if (damage !== undefined && mutant.length > 64) mutant = damage(mutant, random);
  }
  return mutant;
}

function flipBits(object: Buffer, random: Random): Buffer {
  for (let count = 1 + randomInteger(random, 8); count > 0; count--) {
    const at = randomInteger(random, object.length);
    object[at] = (object[at] ?? 0) ^ (1 << randomInteger(random, 8));
  }
  return object;
}

/** Sizes, offsets and counts are 32 or 64 bits; these are the ones that parsers trip over. */
function setNumbers(object: Buffer, random: Random): Buffer {
  const numbers = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, object.length, object.length - 1];
  for (let count = 1 + randomInteger(random, 4); count > 0; count--) {
    const at = 4 * randomInteger(random, Math.floor(object.length / 4));
    object.writeUInt32LE(numbers[randomInteger(random, numbers.length)] ?? 0, at);
  }
  return object;
}

function truncate(object: Buffer, random: Random): Buffer {
  return object.subarray(0, randomInteger(random, object.length));
}

function zeroRange(object: Buffer, random: Random): Buffer {
  const [from, length] = [randomInteger(random, object.length), randomInteger(random, 512)];
  return object.fill(0, from, Math.min(object.length, from + length));
}

function moveRange(object: Buffer, random: Random): Buffer {
  const [from, to] = [randomInteger(random, object.length), randomInteger(random, object.length)];
  object.copyWithin(to, from, Math.min(object.length, from + randomInteger(random, 256)));
  return object;
}

/** The table of sections is at the end of what clang writes, 64 bytes for each; the header has 64 too. */
function damageHeaders(object: Buffer, random: Random): Buffer {
  const table = Math.min(Number(object.readBigUInt64LE(40)), object.length - 1);
  const isHeader = random() < 0.2;
  const start = isHeader ? 4 : table;
  const end = isHeader ? 64 : object.length;
  const at = start + randomInteger(random, Math.max(1, end - start));
  object[at] = randomInteger(random, 256);
  return object;
}
