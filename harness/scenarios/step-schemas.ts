import { z } from 'zod';
import { fromHex, toHex } from '../values/hex.ts';
import { stepExpectations } from './expectation-schemas.ts';
import { kindError, strictObject } from './strict-object.ts';
import { bytes, userValue } from './value-schemas.ts';

/** Of what a step reads as text. */
export const MAX_TEXT_BYTES = 256 * 1024;

const port = z.number().int().min(1).max(65_535);
const via = z.enum(['veth', 'lo']);
/** A text; what is written `0x…` is bytes. */
const payload = z
  .union([z.string(), z.instanceof(Uint8Array)], { error: 'expected a text, or bytes' })
  .default('')
  .transform(value => toHex(typeof value === 'string' ? textBytes(value) : value));
const textBytes = (text: string) => fromHex(text) ?? Buffer.from(text);
const route = {
  via: via.default('veth'),
  /** Over the veth, from the world to this machine or the other way. */
  direction: z.enum(['in', 'out']).default('in'),
  port,
  payload,
};
const args = z.array(z.string()).default([]);

/** Where a program is attached. */
const attachTarget = z.union(
  [
    /** A function of the kernel, whose return a program of a `kretprobe` section sees; a pattern for `kprobe.multi`. */
    strictObject({ kprobe: z.string(), offset: z.number().int().nonnegative().default(0) }),
    /** `sched/sched_process_exec`. */
    strictObject({ tracepoint: z.string().regex(/^[^/]+\/[^/]+$/, "expected 'group/name'") }),
    strictObject({ rawTracepoint: z.string() }),
    /** A network interface of the scenario: its end of the veth pair, or the loopback. `direction` is for TC. */
    strictObject({ interface: via, direction: z.enum(['ingress', 'egress']).optional() }),
    /** A hook of netfilter for IPv4. */
    strictObject({
      netfilter: z.enum(['prerouting', 'input', 'forward', 'output', 'postrouting']),
      priority: z.number().int().default(0),
    }),
    /** The cgroup that the scenario's triggers run in. */
    strictObject({ cgroup: z.literal(true) }),
    /** A software clock that fires so many times a second on each processor. */
    strictObject({ perfEvent: strictObject({ hertz: z.number().int().min(1).max(10_000) }) }),
    /**
     * A function of a file: an absolute path is on the target, another one relative to the scenario. Without a file,
     * of the program that `exec` runs: that calls `crossbpf_trigger` once.
     */
    strictObject({ uprobe: z.string(), file: z.string().optional() }),
    /** The socket that the `udp` trigger receives with. */
    strictObject({ socket: z.literal(true) }),
    /** A map of the object, for iterators over its entries and for programs of sockmaps. */
    strictObject({ map: z.string() }),
  ],
  {
    error: kindError('`to`', [
      ...['kprobe', 'tracepoint', 'rawTracepoint', 'interface', 'cgroup', 'perfEvent'],
      ...['uprobe', 'socket', 'netfilter', 'map'],
    ]),
  },
);
export type UserAttachTarget = z.output<typeof attachTarget>;

/** Something that happens on the target. */
const trigger = z.union(
  [
    /** Runs a program that ends at once. */
    strictObject({ exec: z.union([z.literal(true), strictObject({ arguments: args })]) }),
    /** Opens a file of the target for reading, reads at most so many bytes, which are its value, and closes it. */
    strictObject({
      open: z.string(),
      maxBytes: z.number().int().nonnegative().max(MAX_TEXT_BYTES).default(0),
    }),
    /** Sends datagrams to a socket that receives them, into this machine (10.77.0.1 on the veth) or out of it (10.77.0.2). */
    strictObject({
      udp: strictObject({
        ...route,
        count: z.number().int().min(1).max(10_000).default(1),
      }),
    }),
    /** Connects, sends, receives the same again, closes. */
    strictObject({
      tcp: strictObject({
        ...route,
        /** The congestion control of both sides, which a struct_ops may be. */
        congestion: z.string().max(15).optional(),
      }),
    }),
    /** Starts a process and sends it a signal. */
    strictObject({ signal: z.string().regex(/^SIG[A-Z0-9]+$/, "expected a name: 'SIGUSR1'") }),
    /** Runs a program of yours; the path is relative to the scenario. */
    strictObject({ run: z.string(), arguments: args }),
    /** Waits so many milliseconds. */
    strictObject({ sleep: z.number().int().nonnegative().max(10_000) }),
  ],
  { error: kindError('a trigger', ['exec', 'open', 'udp', 'tcp', 'signal', 'run', 'sleep']) },
);
export type UserTrigger = z.output<typeof trigger>;

const common = {
  /** Unique in the scenario; default: made of the kind and the subject, `run count_udp`. */
  name: z.string().min(1).optional(),
  /** What must come of it: one expectation, or several for ranges of targets. */
  expect: stepExpectations,
};

const steps = {
  run: strictObject({
    /** The program. */
    run: z.string(),
    /** The packet or other input; default: what the kernel asks for at least, zeroed. */
    data: bytes.optional(),
    /** The program's context, as `struct __sk_buff` or `struct xdp_md` lies in memory. */
    ctx: bytes.optional(),
    repeat: z.number().int().min(1).max(1_000_000_000).default(1),
    /** The processor to run on. */
    cpu: z.number().int().nonnegative().optional(),
    /** Whether the data that comes out is kept; default: when there is `data`. */
    dataOut: z.boolean().optional(),
    ...common,
  }),
  attach: strictObject({
    /** The program, or the map of a struct_ops. */
    attach: z.string(),
    /** The name by which later steps mean it; default: the program's. */
    as: z.string().min(1).optional(),
    /** Default: what the program's section says. */
    to: attachTarget.optional(),
    ...common,
  }),
  detach: strictObject({ detach: z.string(), ...common }),
  trigger: strictObject({ trigger, ...common }),
  read: strictObject({
    /** All of a map, what a ring buffer or perf buffer holds, an iterator's text, or what bpf_printk wrote. */
    read: z.union(
      [
        z.string(),
        strictObject({ iterator: z.string() }),
        strictObject({ trace: z.literal(true) }),
      ],
      { error: kindError('what is read, if not the name of a map,', ['iterator', 'trace']) },
    ),
    /** How many records of a buffer at most. */
    max: z.number().int().min(1).max(100_000).default(1000),
    /** Cuts records to so many bytes: those of a perf buffer end with up to 7 bytes that mean nothing. */
    recordBytes: z.number().int().min(1).optional(),
    ...common,
  }),
  lookup: strictObject({ lookup: z.string(), key: userValue.optional(), ...common }),
  take: strictObject({ take: z.string(), key: userValue, ...common }),
  pop: strictObject({ pop: z.string(), ...common }),
  update: strictObject({
    update: z.string(),
    key: userValue.optional(),
    value: userValue,
    flags: z.enum(['any', 'noexist', 'exist']).default('any'),
    ...common,
  }),
  delete: strictObject({ delete: z.string(), key: userValue, ...common }),
};

export const STEP_KINDS = Object.keys(steps) as readonly (keyof typeof steps)[];
export type StepKind = keyof typeof steps;

/** One step; the first key of it says which kind. */
export const step = z.union(
  [
    ...([steps.run, steps.attach, steps.detach, steps.trigger, steps.read] as const),
    ...([steps.lookup, steps.take, steps.pop, steps.update, steps.delete] as const),
  ],
  { error: kindError('a step', STEP_KINDS) },
);
export type Step = z.output<typeof step>;
/** One kind of step: `StepOf<'run'>`. */
export type StepOf<Kind extends StepKind> = z.output<(typeof steps)[Kind]>;
