import type { Duplex } from 'node:stream';
import {
  AgentSession,
  type HelloOptions,
  type LoadEnd,
  type LoadedProgram,
  type LoadOptions,
  type PlayOptions,
} from '../agent/agent-session.ts';
import type { FeaturesReply } from '../agent/feature-messages.ts';
import type { HelloReply } from '../agent/messages.ts';
import type { DumpReply, PlayedReply, StepReply } from '../agent/play-messages.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import type { Connection, TargetFacts, WantedFeatures } from './connection.ts';
import { loadAgain, type PreparedLoads, type SentLoad, sendPrepared } from './prepared-loads.ts';

/** A load that is sent along with a greeting: the agent need not wait for it then. */
export interface LoadAhead {
  readonly options: LoadOptions;
  readonly prepared: Buffer;
}

/** An agent that has answered the greeting. */
export interface GreetedAgent {
  readonly session: AgentSession;
  readonly hello: HelloReply;
  /** The load that was sent along with it, by its object. It must be the first that is asked for. */
  readonly ahead?: { readonly object: Buffer; readonly sent: SentLoad };
}

/** A place that an agent runs in, and how to tell why it is gone. */
export interface AgentHost extends AsyncDisposable {
  /** Facts that the agent does not know. */
  readonly facts: Pick<TargetFacts, 'platform' | 'mode' | 'accel' | 'start'>;
  /** What ended the host, for an error of its stream. */
  explainLoss(error: CrossbpfError): Promise<CrossbpfError>;
  /** What loads on others that are as this one came to; absent where none are. */
  readonly prepared?: PreparedLoads;
  /** Keeps the agent and its place for another connection; absent: they end with this one. */
  keep?(session: AgentSession): Promise<void>;
}

const GREETING_MS = 30_000;

/**
 * Says hello to the agent at the other end of a stream.
 *
 * @throws CrossbpfError `INFRA_AGENT_TIMEOUT`, or as `AgentSession.hello` does.
 */
export function greetAgent(
  port: Duplex,
  options: HelloOptions,
  ahead?: LoadAhead,
): Promise<GreetedAgent> {
  return greetAgain(new AgentSession(port), options, ahead);
}

/** Says hello to an agent in a place that is fresh again; see `greetAgent`. */
export async function greetAgain(
  session: AgentSession,
  options: HelloOptions,
  ahead?: LoadAhead,
): Promise<GreetedAgent> {
  const { promise: deadline, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(silent()), GREETING_MS);
  try {
    const greeted = session.hello(options);
    const sent = ahead && {
      object: ahead.options.object,
      sent: sendPrepared(session, ahead.options, ahead.prepared),
    };
    const hello = await Promise.race([greeted, deadline]);
    return { session, hello, ...(sent === undefined ? {} : { ahead: sent }) };
  } finally {
    clearTimeout(timer);
  }
}

function silent(): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_AGENT_TIMEOUT',
    message: `the agent did not answer in ${GREETING_MS / 1000} s`,
    hint: 'Run crossbpf doctor.',
  });
}

/** Waits for an answer; an error of the stream is explained by the agent's host. */
export async function explaining<T>(host: AgentHost, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (thrown) {
    throw thrown instanceof CrossbpfError ? await host.explainLoss(thrown) : thrown;
  }
}

export interface AgentConnectionOptions {
  readonly host: AgentHost;
  readonly agent: GreetedAgent;
  /** From the request for the target until now, in milliseconds. */
  readonly startMs: number;
  /** Ends the connection. */
  readonly signal: AbortSignal;
}

/** A connection to a greeted agent; the agent's host ends with it, unless it keeps itself. */
export class AgentConnection implements Connection {
  readonly facts: TargetFacts;
  readonly #host: AgentHost;
  readonly #session: AgentSession;
  readonly #signal: AbortSignal;
  #ahead: GreetedAgent['ahead'];
  /** How many answers somebody waits for, whether or not the agent was asked yet. */
  #awaited = 0;
  /** Whether a scenario has run foreign code there: nothing that this guest says then may outlive it. */
  #hasPlayed = false;
  #hasEnded = false;
  readonly #end = () => void this[Symbol.asyncDispose]();

  constructor({ host, agent, startMs, signal }: AgentConnectionOptions) {
    const { kernel, warnings, runtime = null } = agent.hello;
    this.#host = host;
    this.#session = agent.session;
    this.#ahead = agent.ahead;
    this.#signal = signal;
    this.facts = {
      ...host.facts,
      release: kernel.release,
      arch: kernel.machine,
      runtime,
      startMs,
      warnings,
    };
    signal.addEventListener('abort', this.#end, { once: true });
  }

  load(options: LoadOptions): AsyncGenerator<LoadedProgram, LoadEnd> {
    const loads = this.#hasPlayed ? undefined : this.#host.prepared;
    if (loads === undefined) return this.#explaining(this.#session.load(options));
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead !== undefined && ahead.object !== options.object) {
      throw new TypeError('another load was sent along with the greeting');
    }
    return this.#explaining(loadAgain(this.#session, options, { loads, sent: ahead?.sent }));
  }

  play(options: PlayOptions): AsyncGenerator<StepReply | DumpReply, PlayedReply> {
    this.#hasPlayed = true;
    return this.#explaining(this.#session.play(options));
  }

  features(wanted: WantedFeatures): Promise<FeaturesReply> {
    return explaining(this.#host, this.#session.features(wanted));
  }

  /** A stream that breaks says nothing of why; its host does. */
  async *#explaining<T, End>(answers: AsyncGenerator<T, End>): AsyncGenerator<T, End> {
    this.#awaited++;
    try {
      return yield* answers;
    } catch (thrown) {
      if (!(thrown instanceof CrossbpfError)) throw thrown;
      throw await this.#host.explainLoss(thrown);
    } finally {
      this.#awaited--;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#signal.removeEventListener('abort', this.#end);
    const { keep } = this.#host;
    const isIdle = this.#session.isIdle && this.#awaited === 0;
    if (keep !== undefined && isIdle && !this.#signal.aborted) return keep(this.#session);
    await this.#session[Symbol.asyncDispose]();
    await this.#host[Symbol.asyncDispose]();
  }
}
