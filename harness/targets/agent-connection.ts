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
import { loadAgain, type PreparedLoads } from './prepared-loads.ts';

/** An agent that has answered the greeting. */
export interface GreetedAgent {
  readonly session: AgentSession;
  readonly hello: HelloReply;
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
export function greetAgent(port: Duplex, options: HelloOptions): Promise<GreetedAgent> {
  return greetAgain(new AgentSession(port), options);
}

/** Says hello to an agent in a place that is fresh again; see `greetAgent`. */
export async function greetAgain(
  session: AgentSession,
  options: HelloOptions,
): Promise<GreetedAgent> {
  const { promise: deadline, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(silent()), GREETING_MS);
  try {
    return { session, hello: await Promise.race([session.hello(options), deadline]) };
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
  #hasEnded = false;
  readonly #end = () => void this[Symbol.asyncDispose]();

  constructor({ host, agent, startMs, signal }: AgentConnectionOptions) {
    const { kernel, warnings, runtime = null } = agent.hello;
    this.#host = host;
    this.#session = agent.session;
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
    const { prepared } = this.#host;
    return this.#explaining(
      prepared === undefined
        ? this.#session.load(options)
        : loadAgain(this.#session, options, prepared),
    );
  }

  play(options: PlayOptions): AsyncGenerator<StepReply | DumpReply, PlayedReply> {
    return this.#explaining(this.#session.play(options));
  }

  features(wanted: WantedFeatures): Promise<FeaturesReply> {
    return explaining(this.#host, this.#session.features(wanted));
  }

  /** A stream that breaks says nothing of why; its host does. */
  async *#explaining<T, End>(answers: AsyncGenerator<T, End>): AsyncGenerator<T, End> {
    try {
      return yield* answers;
    } catch (thrown) {
      if (!(thrown instanceof CrossbpfError)) throw thrown;
      throw await this.#host.explainLoss(thrown);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#signal.removeEventListener('abort', this.#end);
    const { keep } = this.#host;
    if (keep !== undefined && this.#session.isIdle && !this.#signal.aborted) {
      return keep(this.#session);
    }
    await this.#session[Symbol.asyncDispose]();
    await this.#host[Symbol.asyncDispose]();
  }
}
