import type { InspectedObject } from '../agent/inspected-object.ts';

/** A guest that has 512 MiB, the default, holds this much of maps without a word. */
const LARGE_BYTES = 200 * 1024 ** 2;

/** What keys and values of an object's maps take of the kernel's memory, in bytes; on one processor. */
function mapBytes({ maps }: InspectedObject): number {
  return maps.reduce(
    (sum, { keySize, valueSize, maxEntries }) => sum + maxEntries * (keySize + valueSize),
    0,
  );
}

/** What may have kept a target from answering; empty where maps are small. */
export function memoryAdvice(object: InspectedObject): string {
  const bytes = mapBytes(object);
  if (bytes < LARGE_BYTES) return '';
  const size = Math.round(bytes / 1024 ** 2);
  return `. Its maps take ${size} MiB or more: give the guest more with memory in the configuration`;
}
