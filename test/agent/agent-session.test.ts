import { duplexPair } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { AgentSession, type PlayOptions } from '../../harness/agent/agent-session.ts';
import { encodeFrame, FrameReader } from '../../harness/agent/frames.ts';

const OPTIONS: PlayOptions = {
  ...{ name: 'fixture', object: Buffer.from('object'), programs: ['first'], variables: [] },
  ...{ steps: [{ kind: 'lookup', map: 'counts', key: '00' }], dumps: ['counts'] },
  ...{ dumpEntries: 1, dumpBytes: 1, stepTimeoutMs: 1 },
  files: [
    { name: 'one', bytes: Buffer.from('1') },
    { name: 'none', bytes: Buffer.alloc(0) },
    { name: 'two', bytes: Buffer.from('22') },
  ],
};
const OK = { id: 1, ok: true, errno: null, message: '' };
const STEP = { type: 'step', index: 0, ...OK, entries: [{ key: '00', values: ['01'] }] };
const DUMP = { type: 'dump', map: 'counts', ...OK, entries: [] };
const PLAYED = { type: 'played', id: 1, failure: '', errno: null, kernelLog: ['a warning'] };

/** A session with an agent that gives these answers to the first request, and what that was. */
async function playAgainst(answers: readonly object[]) {
  const [ours, theirs] = duplexPair();
  await using session = new AgentSession(ours);
  const playing = session.play(OPTIONS);
  let answering = playing.next();
  const request = await new FrameReader(theirs).next();
  if (request === undefined) throw new Error('no request');
  for (const message of answers) {
    for (const part of encodeFrame({ seal: request.seal, message })) theirs.write(part);
  }
  theirs.end();
  const heard: object[] = [];
  let next = await answering;
  for (; !next.done; next = await answering) {
    heard.push(next.value);
    answering = playing.next();
  }
  return { request, heard, end: next.value };
}

describe('a scenario', () => {
  test('goes out with its object and its files behind each other', async () => {
    const { request } = await playAgainst([PLAYED]);
    expect(request.attachment.toString()).toBe('object122');
    expect(request.message).toMatchObject({
      ...{ type: 'play', id: 1, objectBytes: 6 },
      files: [
        ...[
          { name: 'one', bytes: 1 },
          { name: 'none', bytes: 0 },
          { name: 'two', bytes: 2 },
        ],
      ],
    });
    expect(request.message).not.toHaveProperty('object');
  });

  test('answers step by step, then map by map, and ends', async () => {
    const { heard, end } = await playAgainst([STEP, DUMP, PLAYED]);
    expect(heard).toEqual([STEP, DUMP]);
    expect(end).toEqual(PLAYED);
  });

  test('that the agent cannot carry out is an error', async () => {
    const error = { type: 'error', id: 1, code: 'internal', message: 'a bug' };
    await expect(playAgainst([STEP, error])).rejects.toMatchObject({
      ...{ code: 'INFRA_AGENT_FAILED', message: 'the agent failed (internal): a bug' },
    });
  });

  test('is lost with its agent', async () => {
    await expect(playAgainst([STEP])).rejects.toMatchObject({ code: 'INFRA_AGENT_LOST' });
  });

  test.for([
    ['another request', { ...PLAYED, id: 7 }],
    ['something else', { type: 'bye', id: 1 }],
    ['bytes that are no hex digits', { ...STEP, entries: [{ key: '0', values: [] }] }],
  ] as const)('does not end in the answer to %s', async ([, answer]) => {
    await expect(playAgainst([answer])).rejects.toMatchObject({ code: 'INFRA_AGENT_PROTOCOL' });
  });
});
