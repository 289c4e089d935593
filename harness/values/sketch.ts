import { type BitRange, writeBits } from './bits.ts';

/** Bytes in the making, and which bits of them were given: the others are zero because nothing was said. */
export interface Sketch {
  readonly bytes: Buffer;
  /** A one for each bit that was given. */
  readonly given: Buffer;
}

export function blankSketch(size: number): Sketch {
  return { bytes: Buffer.alloc(size), given: Buffer.alloc(size) };
}

export function drawBits({ bytes, given }: Sketch, range: BitRange, value: bigint): void {
  writeBits(bytes, range, value);
  writeBits(given, range, -1n);
}

export function drawBytes({ bytes, given }: Sketch, drawn: Buffer, offset: number): void {
  drawn.copy(bytes, offset);
  given.fill(0xff, offset, offset + drawn.length);
}

/** Adds at an offset what a part was given; false, with nothing added, where both say different things. */
export function mergeSketch(whole: Sketch, part: Sketch, offset: number): boolean {
  const [bytes, given] = [whole.bytes.subarray(offset), whole.given.subarray(offset)];
  const agree = part.bytes.every((byte, at) => {
    const both = (part.given[at] ?? 0) & (given[at] ?? 0);
    return ((byte ^ (bytes[at] ?? 0)) & both) === 0;
  });
  if (!agree) return false;
  for (const [at, mask] of part.given.entries()) {
    bytes[at] = (bytes[at] ?? 0) | ((part.bytes[at] ?? 0) & mask);
    given[at] = (given[at] ?? 0) | mask;
  }
  return true;
}
