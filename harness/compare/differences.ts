import { canonical, MapContents, type Node, type Path, partsOf } from './node.ts';

/** A place at which values differ. */
export interface Difference {
  /** Empty when they differ as a whole. */
  readonly path: Path;
  /** By target; undefined where there is nothing at that place. */
  readonly values: ReadonlyMap<string, Node | undefined>;
}

/**
 * The places, as deep as can be, at which the values of targets differ. Values of different forms (a
 * number and a struct, or something and nothing) differ as they are; those of one form also in their parts.
 */
export function findDifferences(
  values: ReadonlyMap<string, Node | undefined>,
  path: Path = [],
): Difference[] {
  if (new Set([...values.values()].map(canonical)).size < 2) return [];
  const byForm = Map.groupBy(values, ([, node]) => formOf(node));
  const groups = [...byForm].map(([form, entries]) => ({ form, values: new Map(entries) }));
  const compound = groups.filter(({ form }) => form !== 'absent' && form !== 'scalar');
  const inParts = compound.flatMap(group => differencesInParts(group.values, path));
  return groups.length === 1 && compound.length === 1 ? inParts : [{ path, values }, ...inParts];
}

function differencesInParts(values: ReadonlyMap<string, Node | undefined>, path: Path) {
  const parts = new Map(
    [...values].map(([target, node]) => [target, partsOf(node ?? null) ?? new Map()] as const),
  );
  const steps = new Set([...parts.values()].flatMap(each => [...each.keys()]));
  return [...steps].flatMap(step => {
    const here = [...parts].map(([target, each]) => [target, each.get(step)] as const);
    return findDifferences(new Map(here), [...path, step]);
  });
}

function formOf(node: Node | undefined): 'absent' | 'scalar' | 'entries' | 'list' | 'object' {
  if (node === undefined) return 'absent';
  if (node === null || typeof node !== 'object') return 'scalar';
  if (node instanceof MapContents) return node.isKeyed ? 'entries' : 'list';
  return Array.isArray(node) ? 'list' : 'object';
}
