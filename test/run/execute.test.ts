import { describe, expect, test } from 'vitest';
import { CrossbpfError } from '../../harness/crossbpf-error.ts';
import type { RunEvent } from '../../harness/run/events.ts';
import { type ExecuteOptions, execute } from '../../harness/run/execute.ts';
import type { PlannedTarget } from '../../harness/targets/create-targets.ts';
import { fixture } from '../support/fixture-builder.ts';
import { type Script, type ScriptedTarget, scriptedTarget } from '../support/scripted-target.ts';

const FIXTURES = ['a', 'b', 'c'].map(id => fixture(id, ['first', 'second']));

async function run(targets: readonly PlannedTarget[], options: Partial<ExecuteOptions> = {}) {
  const events: RunEvent[] = [];
  const executed = await execute(targets, FIXTURES, {
    ...{ signal: new AbortController().signal, listener: event => events.push(event) },
    ...{
      fullLog: false,
      folder: '/work',
      timeoutMs: 60_000,
      now: () => 0,
      jobs: 1,
      isolation: 'fixture',
    },
    ...options,
  });
  const statuses = executed.map(({ observations }) =>
    [...observations].map(([id, { status }]) => `${id} ${status}`),
  );
  return { executed, statuses, events };
}

function ready(target: ScriptedTarget): PlannedTarget {
  return { kind: 'ready', target };
}

const named = (events: readonly RunEvent[]) =>
  events.map(event => ('fixture' in event ? `${event.type} ${event.fixture}` : event.type));

test('a fresh connection for each fixture; facts and warnings are told once', async () => {
  const target = scriptedTarget('t');
  const { events, statuses } = await run([ready(target)]);
  expect(target.history).toEqual(['a', 'b', 'c'].flatMap(id => ['open', `load ${id}`, 'close']));
  expect(statuses).toEqual([['a ran', 'b ran', 'c ran']]);
  expect(named(events).filter(name => name !== 'target:connected')).toEqual([
    ...['run:starting', 'target:ready', 'target:notice'],
    ...['fixture:observed a', 'fixture:observed b', 'fixture:observed c'],
  ]);
});

test('isolation `target`: one connection for all', async () => {
  const target = scriptedTarget('t');
  await run([ready(target)], { isolation: 'target' });
  expect(target.history).toEqual(['open', 'load a', 'load b', 'load c', 'close']);
});

test('an object that the agent refuses is an answer of that fixture alone', async () => {
  const { executed, statuses } = await run([ready(scriptedTarget('t', { acts: { b: 'refuse' } }))]);
  expect(statuses).toEqual([['a ran', 'b infra', 'c ran']]);
  expect(executed[0]?.observations.get('b')).toMatchObject({
    error: {
      code: 'USAGE_BAD_OBJECT',
      message: 'the agent cannot read the object: not an ELF file',
    },
  });
});

test.each(['fixture', 'target'] as const)(
  'isolation %s: a lost target is infra for that fixture, with what was said before',
  async isolation => {
    const target = scriptedTarget('t', { acts: { b: 'lose' } });
    const { executed, statuses } = await run([ready(target)], { isolation });
    expect(statuses).toEqual([['a ran', 'b infra', 'c ran']]);
    const lost = executed[0]?.observations.get('b');
    expect(lost).toMatchObject({ error: { code: 'INFRA_GUEST_LOST' } });
    expect(Object.keys(lost?.programs ?? {})).toEqual(['first']);
    expect(executed[0]?.error).toBeUndefined();
    expect(target.history.at(-1)).toBe('close');
  },
);

test.each(['fixture', 'target'] as const)(
  'isolation %s: a fixture whose guest is lost runs once more, in another guest, and that is told',
  async isolation => {
    const target = scriptedTarget('t', { acts: { b: 'lose once' } });
    const { events, statuses } = await run([ready(target)], { isolation });
    expect(statuses).toEqual([['a ran', 'b ran', 'c ran']]);
    const [again] = events.filter(event => JSON.stringify(event).includes('once more'));
    expect(again).toEqual({
      ...{ type: 'target:notice', target: 't' },
      message: 'b: the guest was lost; it is run once more',
    });
    const between = target.history.slice(target.history.indexOf('load b'));
    expect(between.slice(0, 4)).toEqual(['load b', 'close', 'open', 'load b']);
  },
);

test('a fixture that loses its guest twice has its answer', async () => {
  const target = scriptedTarget('t', { acts: { b: 'lose' } });
  await run([ready(target)]);
  expect(target.history.filter(event => event === 'load b')).toHaveLength(2);
});

test.each<[string, Script, string[]]>([
  ['at all', { connections: 0 }, []],
  ['after the first', { connections: 1 }, ['a ran']],
])('a target that cannot be opened %s is told once, and others go on', async (_, script, said) => {
  const [bad, good] = [scriptedTarget('bad', script), scriptedTarget('good')];
  const { executed, statuses, events } = await run([ready(bad), ready(good)]);
  expect(statuses).toEqual([said, ['a ran', 'b ran', 'c ran']]);
  expect(executed[0]?.error).toMatchObject({ code: 'INFRA_GONE' });
  expect(named(events).filter(name => name === 'target:failed')).toHaveLength(1);
  expect(bad.history.filter(each => each === 'open')).toHaveLength(said.length + 1);
});

describe('a guest that dies while it starts', () => {
  const notices = (events: readonly RunEvent[]) =>
    events.flatMap(each => (each.type === 'target:notice' ? [each.message] : []));

  test.each(['INFRA_GUEST_PANIC', 'INFRA_GUEST_EXIT'])('is started once more: %s', async code => {
    const target = scriptedTarget('t', { failures: [code] });
    const { executed, statuses, events } = await run([ready(target)]);
    expect(statuses).toEqual([['a ran', 'b ran', 'c ran']]);
    const retried = 'it died; it was started once more';
    expect(notices(events)).toEqual([retried, 'no module veth']);
    expect(executed[0]?.facts?.warnings).toEqual(['no module veth', retried]);
  });

  test('twice cannot be had', async () => {
    const target = scriptedTarget('t', { failures: Array(2).fill('INFRA_GUEST_PANIC') });
    const { executed, events } = await run([ready(target)]);
    expect(executed[0]?.error).toMatchObject({ code: 'INFRA_GUEST_PANIC' });
    expect(notices(events)).toEqual(['it died; it was started once more']);
    expect(target.history).toEqual(['open', 'open']);
  });

  test('is no guest that takes too long', async () => {
    const target = scriptedTarget('t', { failures: ['INFRA_GUEST_TIMEOUT'] });
    const { executed } = await run([ready(target)]);
    expect(executed[0]?.error).toMatchObject({ code: 'INFRA_GUEST_TIMEOUT' });
    expect(target.history).toEqual(['open']);
  });
});

test('a target that failed in the plan keeps its place and its error', async () => {
  const error = new CrossbpfError({ code: 'INFRA_NO_NETWORK', message: 'no network' });
  const failed: PlannedTarget = { kind: 'failed', id: 'x', error };
  const { executed, events } = await run([failed, ready(scriptedTarget('t'))]);
  expect(executed.map(({ id }) => id)).toEqual(['x', 't']);
  expect(executed[0]).toMatchObject({ error, upstream: null });
  expect(named(events).slice(0, 2)).toEqual(['run:starting', 'target:failed']);
});

test('a fixture that takes too long is ended, and the next one runs', async () => {
  const target = scriptedTarget('t', { acts: { a: 'hang' } });
  const { executed, statuses } = await run([ready(target)], { timeoutMs: 20 });
  expect(statuses).toEqual([['a infra', 'b ran', 'c ran']]);
  expect(executed[0]?.observations.get('a')).toMatchObject({
    error: { code: 'INFRA_TIMEOUT', message: expect.stringContaining('no answer in 0.02 s') },
  });
});

test('where fixtures have to be prepared, the limit is longer by what that may take', async () => {
  const scripted = scriptedTarget('t', { acts: { a: 'hang' } });
  const target = { ...scripted, preparationMs: 30 };
  const { executed } = await run([ready(target)], { timeoutMs: 20 });
  expect(executed[0]?.observations.get('a')).toMatchObject({
    error: { code: 'INFRA_TIMEOUT', message: expect.stringContaining('no answer in 0.05 s') },
  });
});

test('an abort ends the run with its reason, and every connection', async () => {
  const interrupted = new AbortController();
  const targets = ['t', 'u'].map(id => scriptedTarget(id, { acts: { b: 'hang' } }));
  const reason = new Error('ended by SIGINT');
  const ending = run(targets.map(ready), {
    ...{ signal: interrupted.signal, jobs: 2 },
    listener: event => {
      if (event.type === 'fixture:observed') setImmediate(() => interrupted.abort(reason));
    },
  });
  await expect(ending).rejects.toBe(reason);
  for (const { history } of targets) {
    const count = (what: string) => history.filter(each => each === what).length;
    expect(count('close')).toBe(count('open'));
    expect(history).not.toContain('load c');
  }
});

test('a bug is no infra answer: it ends the run', async () => {
  const target = scriptedTarget('t', { acts: { a: 'bug' } });
  await expect(run([ready(target)])).rejects.toThrow(TypeError);
  expect(target.history.at(-1)).toBe('close');
});

test('a program without an answer is no silence', async () => {
  const three = fixture('a', ['first', 'second', '__proto__']);
  const [outcome] = await execute([ready(scriptedTarget('t'))], [three], {
    ...{ signal: new AbortController().signal, listener: () => {}, fullLog: false },
    ...{ folder: '/work', timeoutMs: 60_000, now: () => 0, jobs: 1, isolation: 'fixture' },
  });
  expect(outcome?.observations.get('a')).toMatchObject({
    status: 'infra',
    error: { message: 'the agent gave no answer for __proto__' },
  });
});
