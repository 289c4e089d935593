import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { encodeFrame, type Frame, FrameReader, SEAL_BYTES } from '../../harness/agent/frames.ts';

const seal = Buffer.alloc(SEAL_BYTES, 7);

/** Reads to the end; with a seal, only from the first frame that has it. */
async function readAll(chunks: readonly Buffer[], expected?: Buffer): Promise<Frame[]> {
  const reader = new FrameReader(Readable.from(chunks));
  if (expected !== undefined) reader.dropUntil(expected);
  const frames: Frame[] = [];
  for (let next = await reader.next(); next !== undefined; next = await reader.next()) {
    frames.push(next);
  }
  return frames;
}

/** The bytes of a frame. */
function frame(message: object, from = seal, attachment?: Buffer): Buffer {
  const outgoing = { seal: from, message };
  return Buffer.concat(encodeFrame(attachment ? { ...outgoing, attachment } : outgoing));
}

describe('frames', () => {
  const attachment = Buffer.from([0, 1, 2, 255]);
  const bytes = Buffer.concat([
    frame({ type: 'hello', text: 'ä' }),
    frame({ type: 'load' }, seal, attachment),
  ]);

  test('come back as they were sent', async () => {
    expect(await readAll([bytes])).toEqual([
      { seal, message: { type: 'hello', text: 'ä' }, attachment: Buffer.alloc(0) },
      { seal, message: { type: 'load' }, attachment },
    ]);
  });

  test('may be cut anywhere on the way', async () => {
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const frames = await readAll([bytes.subarray(0, cut), bytes.subarray(cut)]);
      expect(frames).toHaveLength(2);
      expect(frames[1]?.attachment).toEqual(attachment);
    }
    const oneByOne = [...bytes].map(byte => Buffer.from([byte]));
    expect(await readAll(oneByOne)).toHaveLength(2);
  });

  test('something else in their place is an error that shows it', async () => {
    await expect(readAll([Buffer.from('Last login: Mon Dec 1 on tty1\n')])).rejects.toMatchObject({
      code: 'INFRA_AGENT_PROTOCOL',
      message: expect.stringContaining('Last login'),
    });
  });

  test('a stream that ends inside one is an error', async () => {
    await expect(readAll([bytes.subarray(0, -1)])).rejects.toMatchObject({
      code: 'INFRA_AGENT_PROTOCOL',
      message: expect.stringContaining('ended inside a frame'),
    });
  });

  test('a length beyond the limit is refused before it is waited for', async () => {
    const header = Buffer.from(bytes.subarray(0, 28));
    header.writeUInt32LE(0xffffffff, 24);
    await expect(readAll([header])).rejects.toMatchObject({ code: 'INFRA_AGENT_PROTOCOL' });
  });

  const old = Buffer.alloc(SEAL_BYTES, 1);
  const forged = frame({ type: 'program', verdict: 'accept' }, old);
  const answer = frame({ type: 'hello' });
  test.for<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['a whole frame', forged],
    ['half a frame that says it is long', forged.subarray(0, 30)],
    ['the start of the magic', Buffer.from('XBP')],
    ['a flood', Buffer.alloc(3_000_000, 'XBPF')],
  ])('what comes before the expected seal is dropped: %s', async ([, before]) => {
    const whole = Buffer.concat([before, answer]);
    expect((await readAll([whole], seal)).map(({ message }) => message)).toEqual([
      { type: 'hello' },
    ]);
    const pieces = [whole.subarray(0, before.length + 9), whole.subarray(before.length + 9)];
    expect(await readAll(pieces, seal)).toHaveLength(1);
  });

  test('behind it, a frame with another seal is an error', async () => {
    await expect(readAll([answer, forged], seal)).rejects.toMatchObject({
      code: 'INFRA_AGENT_PROTOCOL',
      message: expect.stringContaining('not from the agent'),
    });
  });
});
