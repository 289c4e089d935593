import { z } from 'zod';
import { featuresReply, featuresRequest } from './feature-messages.ts';
import { dumpReply, playedReply, playRequest, stepReply, variable } from './play-messages.ts';

/**
 * The messages between the harness and an agent, version 3. `agent/PROTOCOL.md` describes them and
 * how they are framed; `agent/protocol` holds the same in Go. Change all three together.
 */
export const PROTOCOL_VERSION = 3;

const id = z.number().int().nonnegative();
const count = z.number().int().nonnegative();

/** First on every connection, and again after a guest was restored: sets what a restored guest cannot know. */
export const helloRequest = z.strictObject({
  type: z.literal('hello'),
  id,
  protocol: z.number().int(),
  /** The wall clock to set, in nanoseconds since 1970 as a decimal string; PID 1 only. */
  clock: z.string().regex(/^\d+$/).optional(),
  /** Bytes for the kernel's random pool, in hex; PID 1 only. */
  entropy: z
    .string()
    .regex(/^([0-9a-f]{2})+$/)
    .optional(),
  /** Turn the BPF JIT on or off (`net.core.bpf_jit_enable`); absent leaves it as it is. */
  jit: z.boolean().optional(),
});

const loadFields = {
  id,
  /** For messages only: the fixture's name. */
  name: z.string(),
  /** How many bytes of a log to keep from its start and from its end; what lies between is counted. */
  logHead: count,
  logTail: count,
  /** Beyond how many processed instructions only a log's last words are wanted, as a whole one takes long; absent: never. */
  logInsns: count.optional(),
};

/** Load each program of the attached object by itself. Answers: `program` for each, then `loaded`. */
const loadRequest = z.strictObject({
  type: z.literal('load'),
  ...loadFields,
  /** Only these programs; absent: all. */
  programs: z.array(z.string()).optional(),
  /** Global variables to set first, so that those of .rodata count as constants; absent: none. */
  variables: z.array(variable).optional(),
  /** The types of programs whose section does not say it, by their names; absent: of none. */
  types: z.record(z.string(), z.string()).optional(),
  /** Attach to `loaded` what `load-prepared` takes, if all programs are accepted and it can be had. */
  prepare: z.boolean().optional(),
  /** Have each `program` say what was handed to the kernel. */
  instructions: z.boolean().optional(),
});

/**
 * Load the programs of an earlier `load` again, on a guest of the same snapshot, as it was prepared there and is
 * attached. Answers: as for `load`, or an `error` with code `stale` where it does not go as it did then.
 */
const loadPreparedRequest = z.strictObject({ type: z.literal('load-prepared'), ...loadFields });

const byeRequest = z.strictObject({ type: z.literal('bye'), id });

export const request = z.discriminatedUnion('type', [
  helloRequest,
  loadRequest,
  loadPreparedRequest,
  playRequest,
  featuresRequest,
  byeRequest,
]);
/** As it is written, before defaults: an agent knows those too. */
export type RequestInput = z.input<typeof request>;

const helloReply = z.object({
  type: z.literal('hello'),
  id,
  protocol: z.number().int(),
  agent: z.object({ version: z.string(), os: z.string(), arch: z.string() }),
  /** `release` is `uname -r`, `build` is `uname -v`, `machine` is `uname -m`. */
  kernel: z.object({ release: z.string(), build: z.string(), machine: z.string() }),
  /** What runs BPF programs where that is not the kernel itself: `eBPF for Windows`; null on Linux. */
  runtime: z.object({ name: z.string(), version: z.string() }).nullish(),
  btf: z.boolean(),
  jit: z.boolean(),
  /** What the agent could not set up, in words: a module that did not load, a mount that failed. */
  warnings: z.array(z.string()),
});
export type HelloReply = z.infer<typeof helloReply>;

/**
 * How an answer on a program came about: Linux was asked to load it; a verifier was asked, and nothing was loaded; it was
 * loaded as a native image of eBPF for Windows; its instructions were, there.
 */
export const ORIGINS = ['kernel', 'verifier', 'native', 'jit'] as const;
export type Origin = (typeof ORIGINS)[number];

/** A place in a source file, as the object's BTF names it. */
const location = z.object({
  /** As the compiler named it: relative to its own working folder, or absolute. */
  file: z.string(),
  /** Both count from 1; a column of 0 is not known. */
  line: count,
  column: count,
  /** The line itself; empty where the compiler did not have it. */
  text: z.string(),
});

/** Where in a program the verifier found something wrong. */
const source = z.object({
  /** As the verifier counts: over the program and the subprograms behind it, a load of 64 bits as two. */
  insn: count,
  /** Empty where the object has no names. */
  function: z.string(),
  /** Null where the object has no information on lines. */
  at: location.nullable(),
  /**
   * The end of the verifier's most verbose log, of kernels before 5.17: their log proper does not tell
   * the state of registers. Else empty.
   */
  trace: z.string(),
});

/** What the kernel was given with one BPF_PROG_LOAD. */
export const handedProgram = z.object({
  /** In base64: 8 bytes each, in the machine's byte order, subprograms included. */
  instructions: z.base64(),
  /** Instructions by their numbers that load the address of a map or of its value; their descriptors are 0. */
  maps: z.array(z.object({ insn: count, name: z.string() })),
  /** `prog_type`, `expected_attach_type`, `prog_flags`, `attach_btf_id` of the call. */
  type: count,
  attachType: count,
  flags: count,
  attachBtfId: count,
  /** How many records of func_info and line_info there were. */
  functions: count,
  lines: count,
});
export type HandedProgram = z.infer<typeof handedProgram>;

/** What the kernel said of one program. The verifier's log is the message's attachment. */
const programReply = z.object({
  type: z.literal('program'),
  id,
  name: z.string(),
  section: z.string(),
  /** As the kernel's own enumeration in lower case without the prefix: `xdp`, `sched_cls`, `struct_ops`. */
  programType: z.string(),
  /** `accept`, `reject`: the verifier was asked. `unsupported`: something that it needs is not there. */
  verdict: z.enum(['accept', 'reject', 'unsupported']),
  /** The name of the error, `EINVAL`; null for an accepted program or where no system call failed. */
  errno: z.string().nullable(),
  /** The loader's own words for what failed; empty for an accepted program. */
  message: z.string(),
  /** What was being done when it failed: `map`, `relocate`, `load`, …; null for an accepted program. */
  stage: z.enum(['map', 'btf', 'relocate', 'attach-target', 'load']).nullable(),
  /** What is missing, for `unsupported` (`map type bloom_filter`), and for `reject` where it is known (`helper bpf_loop`). */
  missing: z.string().nullable(),
  /** `processed N insns`, `peak_states`, `total_states`, `stack depth` of the verifier; null where it gave none. */
  insns: count.nullable(),
  peakStates: count.nullable(),
  totalStates: count.nullable(),
  /** Stack depth in bytes by subprogram, main program first. */
  stackDepths: z.array(count),
  /** Null for an accepted program, and where the verifier did not say what it was looking at. */
  source: source.nullable(),
  /** Absent: `kernel`. */
  origin: z.enum(ORIGINS).optional(),
  /** Why an accepted program was only verified; absent where it was loaded. */
  notLoaded: z.string().optional(),
  /** What the loader did on its own so that the program could be loaded, a sentence each; absent: nothing. */
  notes: z.array(z.string()).optional(),
  /** What the verifier of eBPF for Windows counts (`ebpf_api_verifier_stats_t`). */
  analysis: z.object({ unreachable: count, warnings: count, maxLoopCount: count }).optional(),
  /** Absent where `instructions` was not asked for, where the kernel was not asked, or where the call could not be seen. */
  handed: handedProgram.optional(),
  /** Size in bytes of the log that the kernel wrote, and how much of its middle was left out. */
  logBytes: count,
  logOmitted: count,
  /** How long the BPF_PROG_LOAD that gave the verdict took, in nanoseconds. */
  loadNs: count,
});
export type ProgramReply = z.infer<typeof programReply>;

/** The end of a load: how many `program` replies went before, and what the kernel warned of meanwhile. */
const loadedReply = z.object({
  type: z.literal('loaded'),
  id,
  programs: count,
  kernelLog: z.array(z.string()),
  /** How all programs load with the maps that they share; absent where that could show nothing new. */
  object: z
    .object({
      verdict: z.enum(['accept', 'reject']),
      /** What the load ended with, `program first`, `map jumps`; empty where it was accepted. */
      failed: z.string(),
      errno: z.string().nullable(),
      message: z.string(),
      log: z.string(),
    })
    .optional(),
});
export type LoadedReply = z.infer<typeof loadedReply>;

const errorReply = z.object({
  type: z.literal('error'),
  id,
  /**
   * `bad-object`: the object cannot be parsed. `bad-request`, `protocol`: a bug. `internal`: the agent's own.
   * `not-ready`: the machine lacks something, and `hint` says how to bring it about. `stale`: a prepared load does not
   * go as it did before.
   */
  code: z.enum(['bad-object', 'bad-request', 'protocol', 'internal', 'not-ready', 'stale']),
  message: z.string(),
  hint: z.string().optional(),
});

const byeReply = z.object({ type: z.literal('bye'), id });

export const reply = z.discriminatedUnion('type', [
  helloReply,
  programReply,
  loadedReply,
  stepReply,
  dumpReply,
  playedReply,
  featuresReply,
  errorReply,
  byeReply,
]);
export type Reply = z.infer<typeof reply>;
