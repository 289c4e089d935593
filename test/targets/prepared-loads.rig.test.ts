import { readdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { duplexPair } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { AgentSession, type LoadEnd, type LoadOptions } from '../../harness/agent/agent-session.ts';
import { encodeFrame, FrameReader } from '../../harness/agent/frames.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { loadAgain, preparedLoads } from '../../harness/targets/prepared-loads.ts';

type Answer = readonly [message: object, attachment?: string];

const OPTIONS: LoadOptions = { name: 'it', object: Buffer.from('object'), logHead: 1, logTail: 1 };
const LOADED = { type: 'loaded', programs: 2, kernelLog: [] };
const STALE = { type: 'error', code: 'stale', message: 'second: EINVAL' };
const PROGRAM = {
  ...{ type: 'program', section: 'xdp', programType: 'xdp', verdict: 'accept', errno: null },
  ...{ message: '', stage: null, missing: null, insns: 2, peakStates: 1, totalStates: 1 },
  ...{ stackDepths: [0], source: null, logBytes: 0, logOmitted: 0, loadNs: 1 },
};
const FIRST: Answer = [{ ...PROGRAM, name: 'first' }];
const SECOND: Answer = [{ ...PROGRAM, name: 'second' }];

/** Loads in a session with an agent that gives these answers to each request; what was asked, and what came of it. */
async function loadAgainst(
  folder: string,
  answers: readonly (readonly Answer[])[],
  options = OPTIONS,
) {
  const [ours, theirs] = duplexPair();
  await using session = new AgentSession(ours);
  const requests: unknown[] = [];
  const agent = (async () => {
    const frames = new FrameReader(theirs);
    for (let frame = await frames.next(); frame !== undefined; frame = await frames.next()) {
      const { seal, message, attachment } = frame;
      requests.push([message, attachment.toString()]);
      for (const [answer, attached = ''] of answers[requests.length - 1] ?? []) {
        const numbered = { ...answer, id: requests.length };
        const reply = { seal, message: numbered, attachment: Buffer.from(attached) };
        for (const part of encodeFrame(reply)) theirs.write(part);
      }
    }
  })();
  const names: string[] = [];
  const load = loadAgain(session, options, { loads: preparedLoads(folder) });
  let next = await load.next();
  for (; !next.done; next = await load.next()) names.push(next.value.name);
  const end: LoadEnd = next.value;
  await session[Symbol.asyncDispose]();
  theirs.destroy();
  await agent.catch(() => {});
  return { requests, names, end };
}

const asked = (prepare: boolean) => [
  expect.objectContaining({ type: 'load', name: 'it', prepare }),
  'object',
];
const askedPrepared = [
  { type: 'load-prepared', id: 1, name: 'it', logHead: 1, logTail: 1 },
  'prepared',
];

describe('a load', () => {
  test('is prepared the first time and done again then', async () => {
    await using folder = await openTempFolder('crossbpf-test');
    const first = await loadAgainst(folder.path, [[FIRST, SECOND, [LOADED, 'prepared']]]);
    expect(first.requests).toEqual([asked(true)]);
    const again = await loadAgainst(folder.path, [[FIRST, SECOND, [LOADED]]]);
    expect(again.requests).toEqual([askedPrepared]);
    for (const { names, end } of [first, again]) {
      expect(names).toEqual(['first', 'second']);
      expect(end.kind).toBe('loaded');
    }
  });

  test('that cannot be prepared is not asked for again', async () => {
    await using folder = await openTempFolder('crossbpf-test');
    await loadAgainst(folder.path, [[FIRST, SECOND, [LOADED]]]);
    const { requests } = await loadAgainst(folder.path, [[FIRST, SECOND, [LOADED]]]);
    expect(requests).toEqual([[expect.not.objectContaining({ prepare: true }), 'object']]);
  });

  test('that goes otherwise than before is done anew, once for each program', async () => {
    await using folder = await openTempFolder('crossbpf-test');
    await loadAgainst(folder.path, [[FIRST, SECOND, [LOADED, 'prepared']]]);
    const { requests, names, end } = await loadAgainst(folder.path, [
      [FIRST, [STALE]],
      [FIRST, SECOND, [LOADED]],
    ]);
    expect(requests).toEqual([askedPrepared, asked(false)]);
    expect(names).toEqual(['first', 'second']);
    expect(end.kind).toBe('loaded');
    const third = await loadAgainst(folder.path, [[FIRST, SECOND, [LOADED]]]);
    expect(third.requests).toHaveLength(1);
    expect(third.requests).not.toEqual([askedPrepared]);
  });

  test('of some of the programs is never kept', async () => {
    await using folder = await openTempFolder('crossbpf-test');
    const some = { ...OPTIONS, programs: ['first'] };
    await loadAgainst(folder.path, [[FIRST, [LOADED, 'prepared']]], some);
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('is forgotten when there are too many of later ones', async () => {
    await using folder = await openTempFolder('crossbpf-test');
    const loads = preparedLoads(folder.path);
    const kept = path.join(folder.path, 'prepared');
    const old = { ...OPTIONS, object: Buffer.from('old') };
    await loads.keep(old, Buffer.from('prepared'));
    await utimes(path.join(kept, ...(await readdir(kept))), 1, 1);
    const others = Array.from({ length: 2000 }, (_, index) => `${index}`);
    await Promise.all(others.map(name => writeFile(path.join(kept, name), '')));
    const last = { ...OPTIONS, object: Buffer.from('last') };
    await loads.keep(last, Buffer.from('last'));
    expect(await readdir(kept)).toHaveLength(1000);
    expect(await loads.find(old)).toBeUndefined();
    expect(await loads.find(last)).toEqual(Buffer.from('last'));
    const variables = [{ section: '.rodata', offset: 0, bytes: '01' }];
    expect(await loads.find({ ...last, variables })).toBeUndefined();
  });

  test('does without what cannot be kept', async () => {
    await using folder = await openTempFolder('crossbpf-test');
    const removed = path.join(folder.path, 'snapshot');
    const { names } = await loadAgainst(removed, [[FIRST, SECOND, [LOADED, 'prepared']]]);
    expect(names).toEqual(['first', 'second']);
    expect(await readdir(folder.path)).toEqual([]);
  });
});
