import { z } from 'zod';

/** A line of a program's source, from the object's own line information. */
const sourceLine = z.object({ file: z.string(), number: z.number(), text: z.string() });
export type SourceLine = z.infer<typeof sourceLine>;

const indices = z.array(z.number().int().nonnegative());

/** Something that a program's code asks for; `agent/portability/answer.go` says what each kind is. */
const need = z.object({
  kind: z.enum([
    'helper',
    'kfunc',
    'symbol',
    'map',
    'instruction',
    'option',
    'core',
    'callee',
    'return',
    'context',
    'member',
    'global',
    'defect',
  ]),
  name: z.string(),
  weak: z.boolean(),
  line: sourceLine.nullable(),
});
export type Need = z.infer<typeof need>;

/** What a kernel's types say of a program; numbers are indices of its needs. */
const finding = z.object({
  absent: indices,
  different: indices,
  unreached: indices,
  /** Reads that its types have nothing for, each with the need that it stands for. */
  faults: z.array(
    z.object({
      /** The index of a need; null where what the program attaches to is at fault. */
      need: z.number().nullable(),
      what: z.string(),
      kind: z.enum(['absent', 'narrow', 'number', 'other', 'value', 'variable']),
    }),
  ),
  /** What it attaches to and is not there, `kernel function tcp_foo`. */
  target: z.string().nullable(),
  /** What the hook of an LSM program answers; null for others. */
  result: z.enum(['void', 'number']).nullable(),
});
export type Finding = z.infer<typeof finding>;

const neededProgram = z.object({
  name: z.string(),
  section: z.string(),
  type: z.string(),
  attachType: z.string(),
  attachTo: z.string(),
  sleepable: z.boolean(),
  frags: z.boolean(),
  /** In instructions of 8 bytes. */
  insns: z.number(),
  needs: z.array(need),
  unreached: indices,
  /** By the kernel's ID; none where its types were not at hand. */
  kernels: z.record(z.string(), finding),
});
export type NeededProgram = z.infer<typeof neededProgram>;

const mapShape = z.object({
  name: z.string(),
  type: z.string(),
  /** In bytes. */
  keySize: z.number(),
  valueSize: z.number(),
  maxEntries: z.number(),
  flags: z.number(),
  /** Its value holds a struct bpf_timer. */
  timer: z.boolean(),
  /** Its value holds a struct bpf_spin_lock. */
  lock: z.boolean(),
});
export type MapShape = z.infer<typeof mapShape>;

const neededMap = mapShape.extend({ innerMap: mapShape.nullable() });
export type NeededMap = z.infer<typeof neededMap>;

/** What the programs of one object need. */
export const objectNeeds = z.object({
  object: z.string(),
  /** Why it is no BPF object. */
  error: z.string().nullable(),
  byteOrder: z.enum(['little', 'big']),
  programs: z.array(neededProgram),
  maps: z.array(neededMap),
});
export type ObjectNeeds = z.infer<typeof objectNeeds>;
