import type { InspectedMap } from '../agent/inspected-object.ts';
import { badValue } from '../values/bad-value.ts';
import type { BoundDump, BoundStep } from './bound-scenario.ts';
import type { Faults } from './faults.ts';
import { mapAccess } from './map-access.ts';
import type { ObjectNames } from './object-names.ts';
import type { Scenario } from './scenario-schema.ts';

/** A map with more entries or bytes than these is not read at the end. */
export const DUMP_LIMITS = { entries: 4096, bytes: 1024 * 1024 } as const;

export interface DumpInput {
  readonly scenario: Scenario;
  readonly steps: readonly BoundStep[];
  /** That are loaded. */
  readonly programs: readonly string[];
  readonly names: ObjectNames;
}

/**
 * The maps to read at the end: those of the programs that are loaded and of steps, as far as they can be read, and
 * those that are expected to hold something, for which it is a fault when they cannot.
 */
export function bindDumps(input: DumpInput, faults: Faults): BoundDump[] {
  const { scenario, names } = input;
  const expected = scenario.expect.flatMap(({ maps, variables }, index) => [
    ...Object.keys(maps ?? {}).flatMap(
      name => faults.attempt(() => expectedMap(names, name, `expect[${index}].maps.${name}`)) ?? [],
    ),
    ...Object.keys(variables ?? {}).flatMap(name => {
      const path = `expect[${index}].variables.${name}`;
      return faults.attempt(() => names.map(names.variable(name, path).section, path)) ?? [];
    }),
  ]);
  const wanted = new Set([...expected, ...usedMaps(input)]);
  return names.object.maps
    .filter(map => wanted.has(map))
    .map(map => ({ map, isSection: names.isSection(map.name) }));
}

function usedMaps({ steps, programs, names }: DumpInput): InspectedMap[] {
  const inSteps = steps.flatMap(({ wire }) => ('map' in wire ? wire.map : []));
  const inPrograms = names.object.programs
    .filter(({ name }) => programs.includes(name))
    .flatMap(({ maps }) => maps);
  const used = new Set([...inSteps, ...inPrograms]);
  return names.object.maps.filter(
    map => used.has(map.name) && isReadable(map) && !map.name.startsWith('.rodata'),
  );
}

/** What a buffer holds is taken out by reading it, so that is left to steps. */
function isReadable(map: InspectedMap): boolean {
  return mapAccess(map).contents === 'entries';
}

function expectedMap(names: ObjectNames, name: string, path: string): InspectedMap {
  if (names.isSection(name)) {
    throw badValue(path, `${name} holds global variables`, 'Expect them by name: variables.');
  }
  const map = names.map(name, path);
  if (!isReadable(map)) {
    throw badValue(path, `it cannot be read at the end: ${name} ${mapAccess(map).why}`);
  }
  if (isAlwaysTooLarge(map)) {
    const { entries, bytes } = DUMP_LIMITS;
    const message = `it is too large to be read at the end (${map.maxEntries} entries of ${map.keySize + map.valueSize} bytes; the limit is ${entries} entries and ${bytes} bytes)`;
    const hint = `Look up single keys in steps: { lookup: '${name}', key: … }.`;
    throw badValue(path, message, hint);
  }
  return map;
}

/** An array has all of its entries always; how many another map has is seen at the end. */
function isAlwaysTooLarge({ type, maxEntries, keySize, valueSize }: InspectedMap): boolean {
  if (!['array', 'percpu_array'].includes(type)) return false;
  return maxEntries > DUMP_LIMITS.entries || maxEntries * (keySize + valueSize) > DUMP_LIMITS.bytes;
}
