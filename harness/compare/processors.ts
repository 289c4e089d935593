import type { InspectedMap } from '../agent/inspected-object.ts';
import { mapAccess } from '../scenarios/map-access.ts';
import type { Json } from '../values/json.ts';
import { isList, MapContents, type Node } from './node.ts';

/** A value that every processor has one of. */
export interface ByProcessor {
  readonly count: number;
  /** The same as a machine with one processor would have it. */
  readonly ofFirst: Node;
}

/** What was read of a map, all of it or one value; undefined where its values are not kept by processor. */
export function byProcessor(map: InspectedMap | undefined, node: Node): ByProcessor | undefined {
  if (map === undefined || !mapAccess(map).isPerCpu) return undefined;
  if (!(node instanceof MapContents)) return { count: countOf(node), ofFirst: first(node) };
  const entries = node.entries.map(({ key, value }) => ({ key, value: first(value) }));
  return { count: countOf(node.entries[0]?.value ?? null), ofFirst: new MapContents(entries) };
}

function first(values: Json): Json {
  return isList(values) ? values.slice(0, 1) : values;
}

function countOf(values: Json): number {
  return isList(values) ? values.length : 0;
}
