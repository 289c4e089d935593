import type { Duplex } from 'node:stream';
import {
  AgentSession,
  type HelloOptions,
  type LoadEnd,
  type LoadedProgram,
  type LoadOptions,
} from '../agent/agent-session.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import type { Connection, TargetFacts } from './connection.ts';

/** A place that an agent runs in, and how to tell why it is gone. */
export interface AgentHost extends AsyncDisposable {
  readonly port: Duplex;
  /** Facts that the agent does not know. */
  readonly facts: Pick<TargetFacts, 'platform' | 'mode' | 'accel' | 'start'>;
  /** What ended the host; called after its stream has broken. */
  explainLoss(error: CrossbpfError): Promise<CrossbpfError>;
}

export interface ConnectOptions {
  readonly target: string;
  readonly hello: HelloOptions;
  /** How long the first answer may take, in milliseconds. */
  readonly timeoutMs: number;
  /** When the host was asked for, by the same clock as `now`. */
  readonly startedAt: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/**
 * Says hello to an agent and makes a connection of it. The host is disposed with the connection, and
 * when the agent does not answer.
 */
export async function connectAgent(host: AgentHost, options: ConnectOptions): Promise<Connection> {
  const connection = new AgentConnection(host, options);
  try {
    await connection.greet(options);
    return connection;
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw error;
  }
}

class AgentConnection implements Connection {
  readonly #host: AgentHost;
  readonly #session: AgentSession;
  readonly #target: string;
  #facts: TargetFacts | undefined;

  constructor(host: AgentHost, { target, signal }: ConnectOptions) {
    this.#host = host;
    this.#target = target;
    this.#session = new AgentSession(host.port);
    const end = () => void this[Symbol.asyncDispose]();
    signal.addEventListener('abort', end, { once: true });
  }

  get facts(): TargetFacts {
    if (this.#facts === undefined) throw new Error('facts are known after the greeting');
    return this.#facts;
  }

  async greet({ hello, timeoutMs, startedAt, now, signal }: ConnectOptions): Promise<void> {
    const late = new CrossbpfError({
      code: 'INFRA_AGENT_TIMEOUT',
      target: this.#target,
      message: `the agent did not answer in ${timeoutMs / 1000} s`,
      hint: 'Run crossbpf doctor.',
    });
    const { promise: deadline, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(late), timeoutMs);
    try {
      const reply = await Promise.race([
        this.#explaining(() => this.#session.hello(hello)),
        deadline,
      ]);
      signal.throwIfAborted();
      const { release, machine } = reply.kernel;
      const startMs = now() - startedAt;
      this.#facts = {
        ...this.#host.facts,
        release,
        arch: machine,
        startMs,
        warnings: reply.warnings,
      };
    } finally {
      clearTimeout(timer);
    }
  }

  async *load(options: LoadOptions): AsyncGenerator<LoadedProgram, LoadEnd> {
    const replies = this.#session.load(options);
    for (;;) {
      const next = await this.#explaining(() => replies.next());
      if (next.done) return next.value;
      yield next.value;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
    await this.#host[Symbol.asyncDispose]();
  }

  /** A stream that breaks says nothing of why; its host does. */
  async #explaining<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (thrown) {
      if (!(thrown instanceof CrossbpfError)) throw thrown;
      throw await this.#host.explainLoss(thrown);
    }
  }
}
