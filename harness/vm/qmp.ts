import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';

const greeting = z.object({ QMP: z.object({ version: z.unknown() }) });
const success = z.object({ id: z.number(), return: z.unknown() });
const failure = z.object({
  id: z.number().optional(),
  error: z.object({ class: z.string(), desc: z.string() }),
});
const event = z.object({
  event: z.string(),
  data: z.record(z.string(), z.unknown()).default({}),
});
/** What QEMU sends; docs/interop/qmp-spec.txt of QEMU. */
const message = z.union([success, failure, event, greeting]);

export type QmpEvent = z.infer<typeof event>;

/** QEMU refused a command, or what it sent is not QMP, or its end of the connection is gone. */
export class QmpError extends Error {
  override readonly name: string = 'QmpError';
}

/** QEMU refused a command, and is there for others. */
export class QmpRefusal extends QmpError {
  override readonly name = 'QmpRefusal';
}

interface Pending {
  readonly command: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: QmpError) => void;
}

/**
 * A connection to QEMU's monitor. Commands may be sent at once, before QEMU has greeted: it reads them
 * in order, so that nothing waits for a round trip that needs none.
 */
export class QmpClient {
  readonly #stream: Duplex;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Set<(event: QmpEvent) => void>();
  readonly #decoder = new StringDecoder('utf8');
  #received = '';
  #nextId = 1;
  #closed: QmpError | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    stream.on('error', error => this.#close(error.message));
    for (const over of ['end', 'close']) stream.on(over, () => this.#close('QEMU closed it'));
    void this.execute('qmp_capabilities').catch(() => {
      // A connection that ends before it began is reported by the next command.
    });
  }

  /** Resolves to what the command returns; rejects with a QmpError. */
  execute(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#pending.set(id, { command, resolve, reject });
    this.#stream.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    return promise;
  }

  /** Calls the listener for every event from now on, until the returned function is called. */
  onEvent(listener: (event: QmpEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #receive(chunk: Uint8Array): void {
    const lines = (this.#received + this.#decoder.write(chunk)).split('\n');
    this.#received = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() !== '') this.#take(line);
    }
  }

  #take(line: string): void {
    const parsed = message.safeParse(parseJson(line));
    if (!parsed.success) {
      this.#close(`it sent what is not QMP: ${line.slice(0, 200)}`);
      return;
    }
    const { data } = parsed;
    if ('event' in data) {
      for (const listener of this.#listeners) listener(data);
    } else if (!('QMP' in data)) {
      this.#settle(data);
    }
  }

  #settle(answer: z.infer<typeof success> | z.infer<typeof failure>): void {
    // An error without id answers a line that was not JSON; this client sends none.
    if (answer.id === undefined) return;
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if ('error' in answer) {
      pending?.reject(new QmpRefusal(`QEMU refused ${pending.command}: ${answer.error.desc}`));
    } else {
      pending?.resolve(answer.return);
    }
  }

  #close(reason: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = new QmpError(`The connection to QEMU's monitor is gone: ${reason}`);
    for (const { reject } of this.#pending.values()) reject(this.#closed);
    this.#pending.clear();
    this.#stream.destroy();
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
