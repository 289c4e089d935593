import { duplexPair } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { encodeFrame, FrameReader, SEAL_BYTES } from '../../harness/agent/frames.ts';
import { PROTOCOL_VERSION } from '../../harness/agent/messages.ts';
import {
  AgentConnection,
  type GreetedAgent,
  greetAgent,
} from '../../harness/targets/agent-connection.ts';
import type { PreparedLoads } from '../../harness/targets/prepared-loads.ts';

const OBJECT = Buffer.from('object');
const OPTIONS = { name: 'it', object: OBJECT, logHead: 1, logTail: 1 };
const AHEAD = { options: OPTIONS, prepared: Buffer.from('prepared') };
const HELLO = {
  ...{ type: 'hello', id: 1, protocol: PROTOCOL_VERSION, btf: true, jit: true, warnings: [] },
  agent: { version: '0', os: 'linux', arch: 'amd64' },
  kernel: { release: '6.12.1', build: '#1', machine: 'x86_64' },
};
const LOADED = { type: 'loaded', id: 2, programs: 0, kernelLog: [] };
const STALE = { type: 'error', id: 2, code: 'stale', message: 'it: EINVAL' };

/** Prepared loads of which none is known. */
const NOTHING: PreparedLoads = { find: async () => undefined, keep: async () => {} };

/** Both ends of a stream, and an agent at the far one that answers as many requests together as it has answers for. */
function standIn() {
  const [ours, theirs] = duplexPair();
  const frames = new FrameReader(theirs);
  let seal: Buffer = Buffer.alloc(SEAL_BYTES);
  const answer = async (answers: readonly object[]): Promise<string[]> => {
    const asked: string[] = [];
    while (asked.length < answers.length) {
      const frame = await frames.next();
      if (frame === undefined) throw new Error('the stream ended');
      seal = frame.seal;
      asked.push((frame.message as { type: string }).type);
    }
    for (const message of answers) {
      for (const part of encodeFrame({ seal, message })) theirs.write(part);
    }
    return asked;
  };
  return { ours, answer };
}

function connect(agent: GreetedAgent, loads = NOTHING) {
  const kept: unknown[] = [];
  const connection = new AgentConnection({
    ...{ agent, startMs: 1, signal: new AbortController().signal },
    host: {
      facts: { platform: 'linux', mode: 'vm', accel: 'tcg', start: 'restore' },
      prepared: loads,
      explainLoss: async error => error,
      keep: async session => void kept.push(session),
      [Symbol.asyncDispose]: async () => {},
    },
  });
  return { connection, kept };
}

describe('a load that is sent along with the greeting', () => {
  test('does not wait for its answer, and is what is loaded first', async () => {
    const { ours, answer } = standIn();
    const asked = answer([HELLO, LOADED]);
    const { connection, kept } = connect(await greetAgent(ours, { jit: true }, AHEAD));
    const end = await connection.load(OPTIONS).next();
    expect(await asked).toEqual(['hello', 'load-prepared']);
    expect(end).toMatchObject({ done: true, value: { kind: 'loaded', reply: LOADED } });
    await connection[Symbol.asyncDispose]();
    expect(kept).toHaveLength(1);
  });

  test('is done anew where it goes otherwise than before', async () => {
    const { ours, answer } = standIn();
    const asked = answer([HELLO, STALE]);
    const { connection } = connect(await greetAgent(ours, {}, AHEAD));
    const ending = connection.load(OPTIONS).next();
    await asked;
    expect(await answer([{ ...LOADED, id: 3 }])).toEqual(['load']);
    expect(await ending).toMatchObject({ value: { kind: 'loaded' } });
    await connection[Symbol.asyncDispose]();
  });

  test('stands in the way of any other, and its guest is not used again', async () => {
    const { ours, answer } = standIn();
    const asked = answer([HELLO, LOADED]);
    const { connection, kept } = connect(await greetAgent(ours, {}, AHEAD));
    await asked;
    const other = { ...OPTIONS, object: Buffer.from('another') };
    expect(() => connection.load(other)).toThrow('another load');
    await connection[Symbol.asyncDispose]();
    expect(kept).toEqual([]);
  });
});

test('a guest is not used again that somebody still waits for', async () => {
  const { ours, answer } = standIn();
  const asked = answer([HELLO]);
  const { promise: found, resolve } = Promise.withResolvers<undefined>();
  const agent = await greetAgent(ours, {});
  await asked;
  const { connection, kept } = connect(agent, { ...NOTHING, find: () => found });
  const ending = connection.load(OPTIONS).next();
  await connection[Symbol.asyncDispose]();
  resolve(undefined);
  await expect(ending).rejects.toThrow('was lost');
  expect(kept).toEqual([]);
});
