import { z } from 'zod';

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
});

const inspectedMap = z.object({
  name: z.string(),
  type: z.string(),
  keySize: count,
  valueSize: count,
  maxEntries: count,
});

/** What is known of a BPF object without a kernel. */
export const inspectedObject = z.object({
  btf: z.boolean(),
  needsCore: z.boolean(),
  programs: z.array(inspectedProgram),
  maps: z.array(inspectedMap),
});

export type InspectedObject = z.infer<typeof inspectedObject>;
export type InspectedProgram = z.infer<typeof inspectedProgram>;
