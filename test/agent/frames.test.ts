import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { encodeFrame, type Frame, readFrames } from '../../harness/agent/frames.ts';

async function readAll(chunks: readonly Buffer[]): Promise<Frame[]> {
  return Array.fromAsync(readFrames(Readable.from(chunks)));
}

describe('frames', () => {
  const attachment = Buffer.from([0, 1, 2, 255]);
  const bytes = Buffer.concat([
    ...encodeFrame({ type: 'hello', text: 'ä' }),
    ...encodeFrame({ type: 'load' }, attachment),
  ]);

  test('come back as they were sent', async () => {
    expect(await readAll([bytes])).toEqual([
      { message: { type: 'hello', text: 'ä' }, attachment: Buffer.alloc(0) },
      { message: { type: 'load' }, attachment },
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
    await expect(readAll([Buffer.from('Last login: Mon\n')])).rejects.toMatchObject({
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
    const header = Buffer.from(bytes.subarray(0, 12));
    header.writeUInt32LE(0xffffffff, 8);
    await expect(readAll([header])).rejects.toMatchObject({ code: 'INFRA_AGENT_PROTOCOL' });
  });
});
