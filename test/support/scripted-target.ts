import type { LoadEnd, LoadedProgram } from '../../harness/agent/agent-session.ts';
import type { DumpReply, PlayedReply, StepReply } from '../../harness/agent/play-messages.ts';
import { CrossbpfError } from '../../harness/crossbpf-error.ts';
import type { Connection, Target, TargetFacts } from '../../harness/targets/connection.ts';

/** What a scripted target does with a fixture. */
export type Act = 'answer' | 'refuse' | 'lose' | 'lose once' | 'hang' | 'bug';

export interface Script {
  /** By fixture, and for its scenario by `play FIXTURE`; `answer` for what is not named. */
  readonly acts?: Readonly<Record<string, Act>>;
  /** How many connections can be opened before it fails; default: any number. */
  readonly connections?: number;
  /** What the first attempts to open it end with. */
  readonly failures?: readonly string[];
}

export interface ScriptedTarget extends Target {
  /** What happened to it, in order: `open`, `load a`, `close`. */
  readonly history: readonly string[];
}

export const FACTS: TargetFacts = {
  ...{
    platform: 'linux',
    release: '6.1.0',
    arch: 'x86_64',
    runtime: null,
    mode: 'vm',
    accel: 'tcg',
  },
  ...{ start: 'boot', startMs: 1, warnings: ['no module veth'] },
};

/** A target without a kernel, for faults that a real one rarely shows. */
export function scriptedTarget(id: string, script: Script = {}): ScriptedTarget {
  const history: string[] = [];
  const failures = [...(script.failures ?? [])];
  let left = script.connections ?? Number.POSITIVE_INFINITY;
  return {
    ...{ id, upstream: '6.1.192', platform: 'linux', history },
    async open(signal) {
      signal.throwIfAborted();
      history.push('open');
      const code = failures.shift();
      if (code !== undefined) throw new CrossbpfError({ code, message: 'it died', target: id });
      left -= 1;
      if (left < 0) throw new CrossbpfError({ code: 'INFRA_GONE', message: 'no more', target: id });
      return connect(script, history, signal);
    },
  };
}

function connect({ acts = {} }: Script, history: string[], signal: AbortSignal): Connection {
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {});
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    history.push('close');
    ended.reject(lost());
  };
  signal.addEventListener('abort', close);
  return {
    facts: FACTS,
    features: () => Promise.reject(new Error('features are not scripted')),
    async *load({ name }): AsyncGenerator<LoadedProgram, LoadEnd> {
      history.push(`load ${name}`);
      yield answer('first');
      const act = acts[name] ?? 'answer';
      const isFirst = history.filter(event => event === `load ${name}`).length === 1;
      if (act === 'lose' || (act === 'lose once' && isFirst)) throw lost();
      if (act === 'bug') throw new TypeError('a bug');
      if (act === 'hang') await ended.promise;
      if (act === 'refuse') return { kind: 'bad-object', message: 'not an ELF file' };
      yield answer('second');
      return {
        kind: 'loaded',
        prepared: Buffer.alloc(0),
        reply: { type: 'loaded', id: 1, programs: 2, kernelLog: [] },
      };
    },
    async *play({ name, steps, dumps }): AsyncGenerator<StepReply | DumpReply, PlayedReply> {
      history.push(`play ${name}`);
      for (const index of steps.keys()) yield { type: 'step', index, ...SUCCESS };
      const act = acts[`play ${name}`] ?? 'answer';
      if (act === 'lose') throw lost();
      if (act === 'bug') throw new TypeError('a bug');
      if (act === 'hang') await ended.promise;
      for (const map of dumps) yield { type: 'dump', map, entries: [], ...SUCCESS };
      return { type: 'played', id: 1, failure: '', errno: null, kernelLog: [] };
    },
    [Symbol.asyncDispose]: close,
  };
}

const SUCCESS = { id: 1, ok: true, errno: null, message: '' } as const;

function lost(): CrossbpfError {
  return new CrossbpfError({ code: 'INFRA_GUEST_LOST', message: 'the guest was lost' });
}

function answer(name: string): LoadedProgram {
  return {
    ...{ type: 'program', id: 1, name, section: 'xdp', programType: 'xdp', verdict: 'accept' },
    ...{ errno: null, message: '', stage: null, missing: null, insns: 2, peakStates: 1 },
    ...{ totalStates: 1, stackDepths: [0], source: null, logBytes: 0, logOmitted: 0, loadNs: 1e6 },
    log: Buffer.alloc(0),
  };
}
