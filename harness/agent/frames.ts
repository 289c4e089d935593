import type { Readable } from 'node:stream';
import { CrossbpfError } from '../crossbpf-error.ts';

const MAGIC = Buffer.from('XBPF');
const HEADER_BYTES = 12;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const MAX_ATTACHMENT_BYTES = 256 * 1024 * 1024;

/** One message and what is attached to it, as `agent/PROTOCOL.md` frames them. */
export interface Frame {
  readonly message: unknown;
  readonly attachment: Buffer;
}

/** The bytes of one frame, as a list so that a large attachment is not copied. */
export function encodeFrame(message: unknown, attachment: Buffer = Buffer.alloc(0)): Buffer[] {
  const json = Buffer.from(JSON.stringify(message));
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(json.length, 4);
  header.writeUInt32LE(attachment.length, 8);
  return attachment.length === 0 ? [header, json] : [header, json, attachment];
}

/**
 * Reads frames until the stream ends.
 *
 * @throws CrossbpfError `INFRA_AGENT_PROTOCOL` when the stream holds something else than frames, or
 * ends inside one.
 */
export async function* readFrames(stream: Readable): AsyncGenerator<Frame, void> {
  const bytes = new ByteQueue();
  for await (const chunk of stream) {
    bytes.push(chunk as Buffer);
    for (let frame = takeFrame(bytes); frame !== undefined; frame = takeFrame(bytes)) yield frame;
  }
  if (bytes.length > 0) {
    throw protocolError(`the stream ended inside a frame (${bytes.length} bytes were left)`);
  }
}

function takeFrame(bytes: ByteQueue): Frame | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const header = bytes.peek(HEADER_BYTES);
  if (!header.subarray(0, 4).equals(MAGIC)) {
    throw protocolError(`expected a frame, got ${JSON.stringify(header.toString('latin1'))}`);
  }
  const messageBytes = header.readUInt32LE(4);
  const attachmentBytes = header.readUInt32LE(8);
  if (messageBytes > MAX_MESSAGE_BYTES || attachmentBytes > MAX_ATTACHMENT_BYTES) {
    throw protocolError(`a frame of ${messageBytes} and ${attachmentBytes} bytes is too large`);
  }
  if (bytes.length < HEADER_BYTES + messageBytes + attachmentBytes) return undefined;
  bytes.take(HEADER_BYTES);
  const message = parseJson(bytes.take(messageBytes));
  return { message, attachment: bytes.take(attachmentBytes) };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw protocolError('a frame does not hold JSON', cause);
  }
}

function protocolError(detail: string, cause?: unknown): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_AGENT_PROTOCOL',
    message: `the agent's stream is broken: ${detail}`,
    cause,
  });
}

/** Bytes that have come and were not taken yet; joins chunks only when they are looked at. */
class ByteQueue {
  #chunks: Buffer[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  peek(count: number): Buffer {
    return this.#joined(count).subarray(0, count);
  }

  take(count: number): Buffer {
    const joined = this.#joined(count);
    this.#chunks =
      joined.length > count
        ? [joined.subarray(count), ...this.#chunks.slice(1)]
        : this.#chunks.slice(1);
    this.#length -= count;
    return joined.subarray(0, count);
  }

  #joined(count: number): Buffer {
    const first = this.#chunks[0] ?? Buffer.alloc(0);
    if (first.length >= count) return first;
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}
