import { z } from 'zod';

const id = z.number().int().nonnegative();
const names = z.array(z.string());

/** Find out what the kernel has of BPF, by trying. Answer: `features`. */
export const featuresRequest = z.strictObject({
  type: z.literal('features'),
  id,
  /** Thousands of small programs each: helpers by kind of program, kfuncs by kind, LSM hooks. */
  helpers: z.boolean(),
  kfuncs: z.boolean(),
  hooks: z.boolean(),
  /** As many: the bytes of its context that a program may read and write. */
  contexts: z.boolean(),
});
export type FeaturesRequestInput = z.input<typeof featuresRequest>;

/** What a kernel has; `agent/protocol/features.go` is the other side. What could not be found out is in `unknown` alone. */
export const featuresReply = z.object({
  type: z.literal('features'),
  id,
  programTypes: names,
  /** Those that the kernel has a number for. */
  attachTypes: names,
  /** Kinds of programs that one of was loaded: `xdp`, `tracing/trace_fentry`, `kprobe+sleepable`. */
  kinds: names,
  mapTypes: names,
  mapFlags: names,
  /** Flags that maps of each type may have: `hash BPF_F_NO_PREALLOC`. */
  mapTypeFlags: names,
  instructions: names,
  /** By kind. */
  helpers: z.record(z.string(), names),
  /** `kinds` are those that may call it, `sleepable` that only programs that may sleep may. */
  kfuncs: z.array(z.object({ name: z.string(), kinds: names.nullable(), sleepable: z.boolean() })),
  /** Numbers from -1 to 4 that programs of a kind may return. */
  results: z.record(z.string(), z.array(z.number())),
  /** What programs of a kind may do with the struct that they are given: `read 4 at 76`; empty unless asked for. */
  contexts: z.record(z.string(), names),
  /** Types of maps that programs which may sleep may use. */
  sleepableMaps: names,
  /** Functions that the kernel has types of and no code at an address of its own, to which nothing can attach. */
  withoutAddress: names,
  lsmHooks: z.array(z.object({ name: z.string(), sleepable: z.boolean() })),
  iterators: names,
  structOps: names,
  /** Settings of `/proc/sys/net/core/bpf_jit_*`; null where there is none. */
  jit: z.object({
    enable: z.number().nullable(),
    harden: z.number().nullable(),
    limit: z.number().nullable(),
  }),
  btf: z.object({ vmlinux: z.boolean(), modules: names }),
  limits: z.object({
    /** The largest stack that was accepted, in bytes. */
    stackBytes: z.number(),
    /** More than 4096 instructions. */
    largePrograms: z.boolean(),
    boundedLoops: z.boolean(),
    unprivilegedDisabled: z.number().nullable(),
  }),
  /** The security modules that are active, in their order. */
  lsms: names,
  /** Options that matter to BPF: `y`, `m`, `n` or a value. Empty where the configuration is not known. */
  config: z.array(z.object({ name: z.string(), value: z.string() })),
  unknown: z.array(z.object({ what: z.string(), said: z.string() })),
});
export type FeaturesReply = z.infer<typeof featuresReply>;
