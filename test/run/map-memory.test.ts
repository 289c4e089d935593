import { expect, test } from 'vitest';
import type { InspectedObject } from '../../harness/agent/inspected-object.ts';
import { memoryAdvice } from '../../harness/run/map-memory.ts';
import { OBJECT } from '../support/bound-scenario.ts';

/** The object with one map of so many entries of 8 and 56 bytes. */
function withMap(maxEntries: number): InspectedObject {
  const [map] = OBJECT.maps;
  if (map === undefined) throw new Error('the object has no map');
  return { ...OBJECT, maps: [{ ...map, keySize: 8, valueSize: 56, maxEntries }] };
}

test('maps that may be what a guest has no memory for are named, with the key that gives it more', () => {
  expect(memoryAdvice(withMap(10_000_000))).toBe(
    '. Its maps take 610 MiB or more: give the guest more with memory in the configuration',
  );
});

test('of small maps nothing is said', () => {
  expect(memoryAdvice(withMap(1000))).toBe('');
});
