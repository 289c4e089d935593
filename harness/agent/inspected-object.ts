import { z } from 'zod';
import { layout } from '../values/layout.ts';

const count = z.number().int().nonnegative();

/** One program of an object, as `agent inspect` describes it; `agent/inspect` is the other side. */
const inspectedProgram = z.object({
  name: z.string(),
  section: z.string(),
  type: z.string(),
  attachType: z.string().nullish(),
  attachTo: z.string().nullish(),
  /** Instructions before the verifier sees them, subprograms included. */
  insns: count,
  helpers: z.array(z.string()),
  kfuncs: z.array(z.string()),
  maps: z.array(z.string()),
  /** Places in sections of variables whose addresses it takes: where a variable begins, or within it. */
  variables: z.array(z.object({ section: z.string(), offset: count })).default([]),
});

const mapShape = z.object({
  name: z.string(),
  type: z.string(),
  /** In bytes, as those of the value: of a per-CPU map, one processor's. */
  keySize: count,
  valueSize: count,
  maxEntries: count,
  /** How keys and values lie in memory; null where the object does not tell. */
  key: layout.nullable(),
  value: layout.nullable(),
});

const inspectedMap = mapShape.extend({
  /** What a map of maps holds. */
  innerMap: mapShape.nullable(),
});

/** A section of global variables, which is a map of the same name too: `.bss`, `.data`, `.rodata` or `.data.more`. */
const inspectedSection = z.object({
  name: z.string(),
  variables: z.array(
    z.object({ name: z.string(), offset: count, size: count, layout: layout.nullable() }),
  ),
});

/** What is known of a BPF object without a kernel. */
export const inspectedObject = z.object({
  /** What it is for. */
  platform: z.enum(['linux', 'windows']).default('linux'),
  btf: z.boolean(),
  needsCore: z.boolean(),
  programs: z.array(inspectedProgram),
  maps: z.array(inspectedMap),
  sections: z.array(inspectedSection),
});

export type InspectedObject = z.infer<typeof inspectedObject>;
export type InspectedProgram = z.infer<typeof inspectedProgram>;
export type InspectedMap = z.infer<typeof inspectedMap>;
export type InspectedSection = z.infer<typeof inspectedSection>;
