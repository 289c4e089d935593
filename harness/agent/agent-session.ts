import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { asError, CrossbpfError } from '../crossbpf-error.ts';
import type { FeaturesReply, FeaturesRequestInput } from './feature-messages.ts';
import { encodeFrame, type Frame, FrameReader, SEAL_BYTES } from './frames.ts';
import {
  type HelloReply,
  type LoadedReply,
  PROTOCOL_VERSION,
  type ProgramReply,
  type Reply,
  type RequestInput,
  reply,
} from './messages.ts';
import type { DumpReply, PlayedReply, PlayRequest, StepReply } from './play-messages.ts';

/** A request without its `id`, which the session gives. */
type Unnumbered<R> = R extends RequestInput ? Omit<R, 'id'> : never;

/** What a `hello` may set in the guest; see `helloRequest`. */
export interface HelloOptions {
  /** Nanoseconds since 1970. */
  readonly clock?: bigint;
  /** Hex digits for the kernel's random pool. */
  readonly entropy?: string;
  readonly jit?: boolean;
}

/** What of a load does not depend on what is loaded. */
export interface LoadLimits {
  readonly name: string;
  /** Bytes of a log to keep from its start and its end. */
  readonly logHead: number;
  readonly logTail: number;
  /** Beyond so many processed instructions, only the verifier's last words are wanted: a log costs a second load. */
  readonly logInsns?: number;
}

export interface LoadOptions extends LoadLimits {
  readonly object: Buffer;
  readonly programs?: readonly string[];
  /** The types of programs whose section does not say it, by their names. */
  readonly types?: Readonly<Record<string, string>>;
  /** Global variables to set before. */
  readonly variables?: PlayRequest['variables'];
  /** Have the load prepared, so that it can be done again by `loadPrepared`. */
  readonly prepare?: boolean;
  /** Have each answer say what was handed to the kernel (`handed`). */
  readonly instructions?: boolean;
}

/** One program's answer, with the part of the verifier's log that was kept. */
export interface LoadedProgram extends ProgramReply {
  readonly log: Buffer;
}

/** How a load ends, after its programs. */
export type LoadEnd =
  | {
      readonly kind: 'loaded';
      readonly reply: LoadedReply;
      /** The prepared load; empty where none was asked for, or none can be had. */
      readonly prepared: Buffer;
    }
  | { readonly kind: 'bad-object'; readonly message: string };

/** The end of a prepared load that does not go as it did before; what programs were answered holds. */
export interface StaleLoad {
  readonly kind: 'stale';
  readonly message: string;
}

/** A file that a scenario's steps run. */
export interface PlayFile {
  /** Unique in the scenario; no path. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** A scenario for one object; the fields are those of `playRequest`, with what is attached to it. */
export interface PlayOptions extends Omit<PlayRequest, 'type' | 'id' | 'objectBytes' | 'files'> {
  readonly object: Buffer;
  readonly files: readonly PlayFile[];
}

/**
 * Talks to one agent over a byte stream: one request at a time, each with its replies.
 *
 * Every method throws CrossbpfError: `INFRA_AGENT_LOST` when the stream ends first,
 * `INFRA_AGENT_PROTOCOL` when it holds nonsense, `INFRA_AGENT_FAILED` when the agent says that it failed.
 */
export class AgentSession implements AsyncDisposable {
  readonly #stream: Duplex;
  readonly #frames: FrameReader;
  #seal = newSeal();
  #lastId = 0;
  #answered = 0;

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.#frames = new FrameReader(stream);
    this.#frames.expect(this.#seal);
    // A write to a guest that died fails too; the read side reports it, with the reason.
    stream.on('error', () => {});
  }

  /** Whether every request has had all of its answers. */
  get isIdle(): boolean {
    return this.#answered === this.#lastId;
  }

  /**
   * Greets the agent. Each greeting but the first agrees on a new seal for all frames from here on: what a guest wrote
   * before it was taken back to its snapshot is not read as an answer.
   */
  async hello(options: HelloOptions = {}): Promise<HelloReply> {
    if (this.#lastId > 0) this.#renewSeal();
    const { clock, ...rest } = options;
    const id = this.#send({
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      ...rest,
      ...(clock === undefined ? {} : { clock: clock.toString() }),
    });
    const { message } = await this.#receive(id);
    if (message.type !== 'hello') throw unexpected(message);
    return message;
  }

  /** Yields each program as soon as the agent has its answer, and returns how the load ended. */
  async *load(options: LoadOptions): AsyncGenerator<LoadedProgram, LoadEnd> {
    const { object, programs, types, ...rest } = options;
    const only = programs === undefined ? {} : { programs: [...programs] };
    const given = types === undefined ? {} : { types };
    const request = { type: 'load' as const, ...rest, ...only, ...given };
    const end = yield* this.#programs(this.#send(request, object));
    if (end.kind !== 'stale') return end;
    throw broken('an object is called stale');
  }

  /** Loads the programs of an earlier load again; see `LoadOptions.prepare`. */
  loadPrepared(
    limits: LoadLimits,
    prepared: Buffer,
  ): AsyncGenerator<LoadedProgram, LoadEnd | StaleLoad> {
    return this.#programs(this.#send({ type: 'load-prepared', ...limits }, prepared));
  }

  async *#programs(id: number): AsyncGenerator<LoadedProgram, LoadEnd | StaleLoad> {
    for (;;) {
      const { message: answer, attachment } = await this.#receive(id);
      if (answer.type === 'program') yield { ...answer, log: attachment };
      else if (answer.type === 'loaded') {
        return { kind: 'loaded', reply: answer, prepared: attachment };
      } else if (answer.type !== 'error') throw unexpected(answer);
      else if (answer.code !== 'bad-object' && answer.code !== 'stale') throw unexpected(answer);
      else return { kind: answer.code, message: answer.message };
    }
  }

  /** Yields each step and then each dumped map as soon as the agent has it, and returns how the scenario ended. */
  async *play(options: PlayOptions): AsyncGenerator<StepReply | DumpReply, PlayedReply> {
    const { object, files, ...rest } = options;
    const listed = files.map(({ name, bytes }) => ({ name, bytes: bytes.length }));
    const attachment = Buffer.concat([object, ...files.map(({ bytes }) => bytes)]);
    const id = this.#send(
      { type: 'play', ...rest, objectBytes: object.length, files: listed },
      attachment,
    );
    for (;;) {
      const { message: answer } = await this.#receive(id);
      if (answer.type === 'step' || answer.type === 'dump') yield answer;
      else if (answer.type === 'played') return answer;
      else throw unexpected(answer);
    }
  }

  /** Finds out what the kernel has of BPF. */
  async features(wanted: Omit<FeaturesRequestInput, 'type' | 'id'>): Promise<FeaturesReply> {
    const { message } = await this.#receive(this.#send({ type: 'features', ...wanted }));
    if (message.type !== 'features') throw unexpected(message);
    return message;
  }

  async bye(): Promise<void> {
    const { message } = await this.#receive(this.#send({ type: 'bye' }));
    if (message.type !== 'bye') throw unexpected(message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.destroy();
  }

  #renewSeal(): void {
    this.#seal = newSeal();
    this.#frames.dropUntil(this.#seal);
  }

  #send(message: Unnumbered<RequestInput>, attachment?: Buffer): number {
    this.#lastId += 1;
    const numbered = { ...message, id: this.#lastId };
    const frame = { seal: this.#seal, message: numbered };
    const parts = encodeFrame(attachment === undefined ? frame : { ...frame, attachment });
    for (const part of parts) this.#stream.write(part);
    return this.#lastId;
  }

  async #receive(id: number): Promise<{ message: Reply; attachment: Buffer }> {
    const { message, attachment } = await this.#nextFrame();
    const parsed = reply.safeParse(message);
    if (!parsed.success) throw broken(`an unknown message: ${parsed.error.message}`);
    if (parsed.data.id !== id) throw broken(`an answer to request ${parsed.data.id}, not ${id}`);
    if (!isPartial(parsed.data)) this.#answered = id;
    return { message: parsed.data, attachment };
  }

  async #nextFrame(): Promise<Frame> {
    let next: Frame | undefined;
    try {
      next = await this.#frames.next();
    } catch (thrown) {
      if (thrown instanceof CrossbpfError) throw thrown;
      throw lost(asError(thrown));
    }
    if (next === undefined) throw lost();
    return next;
  }
}

function newSeal(): Buffer {
  return randomBytes(SEAL_BYTES);
}

/** Whether more answers to the same request follow. */
function isPartial({ type }: Reply): boolean {
  return type === 'program' || type === 'step' || type === 'dump';
}

function unexpected(message: Reply): CrossbpfError {
  if (message.type !== 'error') return broken(`a reply of type ${message.type}`);
  if (message.code === 'not-ready') {
    const { message: what, hint } = message;
    return new CrossbpfError({
      ...{ code: 'INFRA_TARGET_NOT_READY', message: what },
      ...(hint === undefined ? {} : { hint }),
    });
  }
  return new CrossbpfError({
    code: 'INFRA_AGENT_FAILED',
    message: `the agent failed (${message.code}): ${message.message}`,
  });
}

function broken(detail: string): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_AGENT_PROTOCOL',
    message: `the agent's stream is broken: ${detail}`,
    hint: 'Is the agent of another version? Run npm run build:agent.',
  });
}

function lost(cause?: Error): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_AGENT_LOST',
    message: 'the connection to the agent was lost',
    cause,
  });
}
