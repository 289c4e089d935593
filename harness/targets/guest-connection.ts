import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { AgentSession, HelloOptions, LoadOptions } from '../agent/agent-session.ts';
import type { LinuxVmTarget } from '../config/target-name.ts';
import { asError, CrossbpfError } from '../crossbpf-error.ts';
import type { Guest, GuestStart } from '../vm/guest.ts';
import type { GuestPlan } from '../vm/start-guest.ts';
import type { SnapshotEvent } from '../vm/warm-guest.ts';
import {
  AgentConnection,
  type AgentHost,
  explaining,
  type GreetedAgent,
  greetAgain,
  greetAgent,
  type LoadAhead,
} from './agent-connection.ts';
import type { Connection } from './connection.ts';
import { preparedLoads } from './prepared-loads.ts';
import type { TargetContext } from './target-context.ts';

export interface OpenContext
  extends Pick<TargetContext, 'fresh' | 'onSnapshot' | 'signal' | 'spares'> {
  /** Whether this guest ends afterwards, instead of waiting with those that are used again. */
  readonly isLast: boolean;
  /** What will be loaded first. */
  readonly first?: LoadOptions | undefined;
  /** A guest that is being started already, for this connection; it may come to nothing. */
  readonly begun?: Promise<FreshGuest | undefined> | undefined;
}

/** A guest that is as its snapshot or as booted, and its agent. */
export interface FreshGuest {
  readonly guest: Guest;
  readonly agent: GreetedAgent;
  /** What that took, in milliseconds. */
  readonly startMs: number;
}

/**
 * A connection to the agent of a fresh guest: the one that is being started, else one that was used is rewound if there
 * is any, else one is started.
 */
export async function openGuest(
  name: LinuxVmTarget,
  plan: GuestPlan,
  context: OpenContext,
): Promise<Connection> {
  const { signal, spares, isLast } = context;
  const { guest, agent, startMs } =
    (await context.begun) ??
    (await rewindSpare(name, plan, context)) ??
    (await startFresh(name, plan, context));
  const host = guestHost(name.id, guest, plan);
  const prepared = guest.start === 'restore' ? { prepared: preparedLoads(plan.snapshot) } : {};
  const keep =
    spares === undefined || isLast || guest.rewinding === undefined
      ? {}
      : { keep: (session: AgentSession) => spares.keep(plan.key, { guest, session }) };
  return new AgentConnection({ host: { ...host, ...prepared, ...keep }, agent, startMs, signal });
}

/** Undefined if no guest waits, or if it cannot be rewound: then another one is started. */
async function rewindSpare(
  name: LinuxVmTarget,
  plan: GuestPlan,
  { fresh, spares, signal, first }: OpenContext,
): Promise<FreshGuest | undefined> {
  const spare = fresh ? undefined : spares?.take(plan.key);
  if (spare === undefined) return undefined;
  const startedAt = performance.now();
  const { guest, session } = spare;
  await using cleanup = new AsyncDisposableStack();
  cleanup.use(guest);
  cleanup.use(session);
  try {
    const [ahead] = await Promise.all([findAhead(plan, first), guest.rewinding?.rewind()]);
    const agent = await greetAgain(session, greeting(name), ahead);
    signal.throwIfAborted();
    cleanup.move();
    return { guest, agent, startMs: performance.now() - startedAt };
  } catch {
    signal.throwIfAborted();
    spares?.noteFailure(plan.key);
    return undefined;
  }
}

export interface StartContext
  extends Pick<OpenContext, 'fresh' | 'onSnapshot' | 'signal' | 'first'> {
  /** Called when the guest runs and its agent has been asked for an answer. */
  readonly onAsked?: () => void;
}

/** Starts a guest and greets its agent. */
export async function startFresh(
  name: LinuxVmTarget,
  plan: GuestPlan,
  { fresh, onSnapshot, signal, first, onAsked = () => {} }: StartContext,
): Promise<FreshGuest> {
  const startedAt = performance.now();
  let greeted: GreetedAgent | undefined;
  let ahead = fresh ? undefined : findAhead(plan, first);
  const greet = async (port: Duplex, start: GuestStart) => {
    // What is known is of a snapshot that is made anew.
    if (start === 'boot') ahead = undefined;
    onAsked();
    greeted = await greetAgent(port, greeting(name), await ahead);
    return greeted;
  };
  const onEvent = (event: SnapshotEvent) => onSnapshot(name.id, event);
  const guest = await plan.start({
    signal,
    snapshot: fresh
      ? undefined
      : { greet: async (port, start) => void (await greet(port, start)), onEvent },
  });
  const host = guestHost(name.id, guest, plan);
  await using cleanup = new AsyncDisposableStack();
  cleanup.use(host);
  const agent = greeted ?? (await explaining(host, greet(guest.port, guest.start)));
  cleanup.move();
  return { guest, agent, startMs: performance.now() - startedAt };
}

/** A load that was prepared on guests of this snapshot. */
async function findAhead(
  plan: GuestPlan,
  options: LoadOptions | undefined,
): Promise<LoadAhead | undefined> {
  if (options === undefined || options.types !== undefined) return undefined;
  const prepared = await preparedLoads(plan.snapshot).find(options);
  return prepared === undefined || prepared.length === 0 ? undefined : { options, prepared };
}

/** A guest cannot know the time, and without entropy of its own two guests draw the same numbers. */
function greeting({ jit }: LinuxVmTarget): HelloOptions {
  const clock = BigInt(Date.now()) * 1_000_000n;
  return { clock, entropy: randomBytes(32).toString('hex'), jit };
}

function guestHost(target: string, guest: Guest, plan: GuestPlan): AgentHost {
  return {
    facts: { platform: 'linux', mode: 'vm', accel: guest.accelerator, start: guest.start },
    async explainLoss(cause) {
      if (cause.code !== 'INFRA_AGENT_LOST') return onTarget(target, cause);
      const { reason, detail } = await guest.exited;
      const isDamaged = guest.start === 'restore' && (await plan.discardDamaged());
      return new CrossbpfError({
        ...{ code: 'INFRA_GUEST_LOST', target, cause, console: guest.consoleTail() },
        message: `the guest was lost (${reason}): ${detail}${isDamaged ? '; its snapshot was damaged, and is made anew' : ''}`,
      });
    },
    [Symbol.asyncDispose]: () => guest[Symbol.asyncDispose](),
  };
}

/** The same error, with the target on which it happened. */
export function onTarget(target: string, thrown: unknown): CrossbpfError {
  if (!(thrown instanceof CrossbpfError)) throw asError(thrown);
  return thrown.with({ target });
}
