import { z } from 'zod';

/**
 * The messages by which an agent carries out a scenario; `agent/PROTOCOL.md` describes them, `agent/protocol` holds the
 * same in Go. Bytes are hex digits. The harness encodes values and decodes them again: an agent knows no types.
 */
const id = z.number().int().nonnegative();
const count = z.number().int().nonnegative();
const bytes = z.string().regex(/^([0-9a-f]{2})*$/);

/** What a global variable is to hold: bytes at a place of its section. */
export const variable = z.strictObject({ section: z.string(), offset: count, bytes });

/** Flags of BPF_MAP_UPDATE_ELEM: 0 any, 1 noexist, 2 exist. */
const flags = count.default(0);

/** Which way packets go over a veth: `in` from the world to this machine, `out` the other way. Over `lo` it is the same. */
const direction = z.enum(['in', 'out']).default('in');

/** Where a program is attached; absent: where its section says, as libbpf does by itself. */
const attachTarget = z.discriminatedUnion('at', [
  /** A kernel function. For a program of `kprobe.multi` a pattern with `*` and `?`, which may match many. */
  z.strictObject({ at: z.literal('kprobe'), symbol: z.string(), offset: count.default(0) }),
  z.strictObject({ at: z.literal('tracepoint'), group: z.string(), name: z.string() }),
  z.strictObject({ at: z.literal('raw-tracepoint'), name: z.string() }),
  /**
   * A network interface of the scenario: `veth` is this side's end of the pair, `lo` the loopback of its namespace.
   * `direction` is for TC, where the program's section does not say it; absent: ingress.
   */
  z.strictObject({
    at: z.literal('interface'),
    interface: z.enum(['veth', 'lo']),
    direction: z.enum(['ingress', 'egress']).optional(),
  }),
  /** A hook of netfilter for IPv4, in the scenario's network namespace. */
  z.strictObject({
    at: z.literal('netfilter'),
    hook: z.enum(['prerouting', 'input', 'forward', 'output', 'postrouting']),
    priority: z.number().int().default(0),
  }),
  /** The cgroup that the scenario's triggers run in. */
  z.strictObject({ at: z.literal('cgroup') }),
  /** A software clock, `hertz` times a second on each processor. */
  z.strictObject({ at: z.literal('perf-event'), hertz: z.number().int().min(1).max(10_000) }),
  /**
   * A function of one of `files`, or of a file on the target by its absolute path. Without a file, of the program that
   * an `exec` without a file runs: it has `crossbpf_trigger`, and calls it once. `/proc/self/exe` is that program too.
   */
  z.strictObject({ at: z.literal('uprobe'), file: z.string().optional(), symbol: z.string() }),
  /** The socket that each UDP trigger from then on receives with. */
  z.strictObject({ at: z.literal('socket') }),
  /** A map of the object: for iterators over a map's elements, and for programs of sockmaps. */
  z.strictObject({ at: z.literal('map'), map: z.string() }),
]);
/** As it is written, before defaults; so are the types below. */
export type AttachTarget = z.input<typeof attachTarget>;

/**
 * Something that happens on the target, in the scenario's network namespace and cgroup. The thread that does it is named
 * `crossbpf`, its children `crossbpf-child`, which programs see with bpf_get_current_comm.
 */
const triggerEvent = z.discriminatedUnion('what', [
  /**
   * Runs a program and waits for it. Without a file a small one of the agent's, which calls its function
   * `crossbpf_trigger` and ends with code 0. Any other end is a failed step. What it printed is the step's `text`.
   */
  z.strictObject({
    what: z.literal('exec'),
    /** A file of `files`, or null for the agent's own program. */
    file: z.string().nullable(),
    arguments: z.array(z.string()),
  }),
  /** Opens a file for reading, reads at most `maxBytes` of it, which become the step's `text`, and closes it. */
  z.strictObject({ what: z.literal('open'), path: z.string(), maxBytes: count.default(0) }),
  /**
   * Sends `count` datagrams to a socket that receives them; `via` says over which interface. On the veth this side is
   * 10.77.0.1 and the world is 10.77.0.2; there is no IPv6 and no ARP, so only these packets are seen. The sender's port
   * is 40000, and one more with each further trigger of the scenario. Those that do not arrive are no failure.
   */
  z.strictObject({
    what: z.literal('udp'),
    via: z.enum(['veth', 'lo']),
    direction,
    port: z.number().int().min(1).max(65_535),
    payload: bytes,
    count: z.number().int().min(1).max(10_000),
  }),
  /** Connects to a server, sends, receives the same bytes again, and closes. `in`: the client is the world. */
  z.strictObject({
    what: z.literal('tcp'),
    via: z.enum(['veth', 'lo']),
    direction,
    port: z.number().int().min(1).max(65_535),
    payload: bytes,
    /** The congestion control of both sides (TCP_CONGESTION), which a struct_ops program may be. */
    congestion: z.string().max(15).optional(),
  }),
  /** Starts a child that waits, sends it the signal (`SIGUSR1`), and waits for its end. */
  z.strictObject({ what: z.literal('signal'), signal: z.string() }),
  z.strictObject({ what: z.literal('sleep'), milliseconds: count.max(10_000) }),
]);
export type TriggerEvent = z.input<typeof triggerEvent>;

const wireStep = z.discriminatedUnion('kind', [
  /** BPF_PROG_TEST_RUN. `dataOutBytes` is room for the data that comes back; 0 for none. `cpu` is for raw tracepoints. */
  z.strictObject({
    kind: z.literal('run'),
    program: z.string(),
    data: bytes.nullable(),
    ctx: bytes.nullable(),
    repeat: z.number().int().min(1),
    cpu: count.nullable(),
    dataOutBytes: count,
  }),
  /** `as` is the name by which later steps mean this attachment. A struct_ops map is attached by its name in `program`. */
  z.strictObject({
    kind: z.literal('attach'),
    program: z.string(),
    as: z.string(),
    target: attachTarget.nullable(),
  }),
  z.strictObject({ kind: z.literal('detach'), as: z.string() }),
  z.strictObject({ kind: z.literal('trigger'), event: triggerEvent }),
  z.strictObject({ kind: z.literal('dump'), map: z.string() }),
  z.strictObject({ kind: z.literal('lookup'), map: z.string(), key: bytes.nullable() }),
  /** BPF_MAP_LOOKUP_AND_DELETE_ELEM: pops a queue or stack with a null key. */
  z.strictObject({ kind: z.literal('lookup-delete'), map: z.string(), key: bytes.nullable() }),
  z.strictObject({
    kind: z.literal('update'),
    map: z.string(),
    key: bytes.nullable(),
    /** One value, or for a per-CPU map one for each processor or one for all. */
    values: z.array(bytes).min(1),
    flags,
  }),
  z.strictObject({ kind: z.literal('delete'), map: z.string(), key: bytes }),
  /** What a ring buffer or perf buffer holds now, at most `max` records. */
  z.strictObject({ kind: z.literal('records'), map: z.string(), max: z.number().int().min(1) }),
  /** The text of an iterator that was attached. */
  z.strictObject({ kind: z.literal('text'), as: z.string(), maxBytes: z.number().int().min(1) }),
  /** What bpf_printk wrote since the scenario began or this was last asked: the messages alone, a line each. */
  z.strictObject({ kind: z.literal('trace'), maxBytes: z.number().int().min(1) }),
]);
export type WireStep = z.input<typeof wireStep>;

/**
 * Load programs of the attached object together, sharing maps, and carry out steps in order. Answers: `step` for each
 * as soon as it is done, `dump` for each map of `dumps`, then `played`. A step that fails does not end the scenario.
 */
export const playRequest = z.strictObject({
  type: z.literal('play'),
  id,
  name: z.string(),
  /** The programs that steps use, and those that program arrays shall hold: others are left out of these. */
  programs: z.array(z.string()),
  /** The types of programs whose section does not say it, by their names. */
  types: z.record(z.string(), z.string()).default({}),
  /** Global variables of .data, .bss and .rodata to set before the programs are loaded. */
  variables: z.array(variable),
  steps: z.array(wireStep),
  /** Maps to read at the end. */
  dumps: z.array(z.string()),
  /** A map with more entries or bytes than this is not read: its answer is an error. At most 4 MiB are. */
  dumpEntries: count,
  dumpBytes: count,
  /** Milliseconds that one step may take. */
  stepTimeoutMs: z.number().int().min(1),
  /** The attachment is the object, `objectBytes` long, and then these files, in order. */
  objectBytes: count,
  files: z.array(z.strictObject({ name: z.string(), bytes: count })),
});
export type PlayRequest = z.input<typeof playRequest>;

/** A key with its value, or its values by processor. A queue, a section of variables and the like have no key. */
export const wireEntry = z.object({ key: bytes.nullable(), values: z.array(bytes) });
export type WireEntry = z.infer<typeof wireEntry>;

/** What came of one step. Fields that its kind does not have are absent. */
export const stepReply = z.object({
  type: z.literal('step'),
  id,
  index: count,
  ok: z.boolean(),
  /** The name of the error, `E2BIG`; null when no system call failed. */
  errno: z.string().nullable(),
  /** What failed, in words; empty when nothing did. */
  message: z.string(),
  /** Whether this platform has nothing like the step, so that it was not tried. */
  unsupported: z.boolean().optional(),
  retval: count.optional(),
  dataOut: bytes.optional(),
  ctxOut: bytes.optional(),
  /** As the kernel measured it, for one of `repeat`. */
  runNs: count.optional(),
  entries: z.array(wireEntry).optional(),
  /** As they are in the buffer. Those of a perf buffer may have up to 7 bytes of garbage at their end. */
  records: z.array(bytes).optional(),
  /** Records that did not fit. */
  lost: count.optional(),
  text: z.string().optional(),
  /** Whether there was more than `max` or `maxBytes`. */
  truncated: z.boolean().optional(),
  /** Of a program that a trigger ran: its exit code, or 128 and the signal. */
  exitCode: z.number().int().optional(),
  /** Of a udp trigger: how many datagrams arrived. */
  received: count.optional(),
});
export type StepReply = z.infer<typeof stepReply>;

/** A map at the end of a scenario. Entries of arrays are in their order, all others sorted by their keys' bytes. */
export const dumpReply = z.object({
  type: z.literal('dump'),
  id,
  map: z.string(),
  ok: z.boolean(),
  errno: z.string().nullable(),
  message: z.string(),
  entries: z.array(wireEntry),
});
export type DumpReply = z.infer<typeof dumpReply>;

/** The end of a scenario, after which nothing that it made is left. */
export const playedReply = z.object({
  type: z.literal('played'),
  id,
  /** Why no step was carried out: the programs could not be loaded together. Empty when they were. */
  failure: z.string(),
  /** The failure's error, `EINVAL`; null where no system call failed. */
  errno: z.string().nullable(),
  kernelLog: z.array(z.string()),
});
export type PlayedReply = z.infer<typeof playedReply>;
