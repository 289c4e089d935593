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

/** Adds what another sketch of the same bytes was given; false, with nothing added, where both say different things. */
export function mergeSketch(into: Sketch, other: Sketch): boolean {
  const agree = other.bytes.every(
    (byte, at) =>
      ((byte ^ (into.bytes[at] ?? 0)) & (other.given[at] ?? 0) & (into.given[at] ?? 0)) === 0,
  );
  if (!agree) return false;
  for (const [at, mask] of other.given.entries()) {
    into.bytes[at] = (into.bytes[at] ?? 0) | ((other.bytes[at] ?? 0) & mask);
    into.given[at] = (into.given[at] ?? 0) | mask;
  }
  return true;
}
