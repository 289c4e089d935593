import type { Readable } from 'node:stream';
import { CrossbpfError } from '../crossbpf-error.ts';

const MAGIC = Buffer.from('XBPF');
/** How long a seal is, in bytes: nobody guesses one. */
export const SEAL_BYTES = 16;
const HEADER_BYTES = MAGIC.length + SEAL_BYTES + 8;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const MAX_ATTACHMENT_BYTES = 256 * 1024 * 1024;

/** One message and what is attached to it, as `agent/PROTOCOL.md` frames them. */
export interface Frame {
  /** The bytes by which the two ends know each other since the last greeting. */
  readonly seal: Buffer;
  readonly message: unknown;
  readonly attachment: Buffer;
}

/** A frame to send, whose attachment may be empty. */
export type OutgoingFrame = Omit<Frame, 'attachment'> & Partial<Pick<Frame, 'attachment'>>;

/** The bytes of one frame, as a list so that a large attachment is not copied. */
export function encodeFrame({ seal, message, attachment }: OutgoingFrame): Buffer[] {
  const json = Buffer.from(JSON.stringify(message));
  const sizes = Buffer.alloc(8);
  sizes.writeUInt32LE(json.length, 0);
  sizes.writeUInt32LE(attachment?.length ?? 0, 4);
  const head = Buffer.concat([MAGIC, seal, sizes, json]);
  return attachment === undefined || attachment.length === 0 ? [head] : [head, attachment];
}

/** Reads the frames of a stream. */
export class FrameReader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #bytes = new ByteQueue();
  #seal: Buffer | undefined;
  #isDropping = false;

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** From now on every frame must have this seal. */
  expect(seal: Buffer): void {
    this.#seal = seal;
  }

  /**
   * Drops whatever comes before the first frame with this seal, which every later one must have too: a guest may have
   * written it before it was taken back to its snapshot.
   */
  dropUntil(seal: Buffer): void {
    this.#seal = seal;
    this.#isDropping = true;
  }

  /**
   * The next frame; undefined when the stream has ended.
   *
   * @throws CrossbpfError `INFRA_AGENT_PROTOCOL` when the stream holds something other than frames with the expected
   * seal, or ends inside one.
   */
  async next(): Promise<Frame | undefined> {
    for (;;) {
      const frame = this.#take();
      if (frame !== undefined) return frame;
      const { done = false, value } = await this.#chunks.next();
      if (done) break;
      this.#bytes.push(value);
    }
    const { length } = this.#bytes;
    if (length === 0) return undefined;
    throw protocolError(`the stream ended inside a frame (${length} bytes were left)`);
  }

  #take(): Frame | undefined {
    if (this.#isDropping && !this.#dropUntilSealed()) return undefined;
    return takeFrame(this.#bytes, this.#seal);
  }

  #dropUntilSealed(): boolean {
    const start = Buffer.concat([MAGIC, this.#seal ?? Buffer.alloc(0)]);
    const found = this.#bytes.dropUntil(start);
    this.#isDropping = !found;
    return found;
  }
}

function takeFrame(bytes: ByteQueue, expected: Buffer | undefined): Frame | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const header = bytes.peek(HEADER_BYTES);
  if (!header.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw protocolError(`expected a frame, got ${JSON.stringify(header.toString('latin1'))}`);
  }
  const seal = header.subarray(MAGIC.length, -8);
  if (expected !== undefined && !seal.equals(expected)) {
    throw protocolError('a frame has another seal, so it is not from the agent');
  }
  const messageBytes = header.readUInt32LE(HEADER_BYTES - 8);
  const attachmentBytes = header.readUInt32LE(HEADER_BYTES - 4);
  if (messageBytes > MAX_MESSAGE_BYTES || attachmentBytes > MAX_ATTACHMENT_BYTES) {
    throw protocolError(`a frame of ${messageBytes} and ${attachmentBytes} bytes is too large`);
  }
  if (bytes.length < HEADER_BYTES + messageBytes + attachmentBytes) return undefined;
  bytes.take(HEADER_BYTES);
  const message = parseJson(bytes.take(messageBytes));
  return { seal, message, attachment: bytes.take(attachmentBytes) };
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

  /** Drops what is before these bytes; false if they have not come, when only what may be their start is kept. */
  dropUntil(start: Buffer): boolean {
    const at = this.#joined(this.#length).indexOf(start);
    this.take(at >= 0 ? at : Math.max(0, this.#length - start.length + 1));
    return at >= 0;
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
