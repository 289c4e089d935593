import type { PlayOptions } from '../../harness/agent/agent-session.ts';
import type { DumpReply, PlayedReply, StepReply } from '../../harness/agent/play-messages.ts';
import { CrossbpfError } from '../../harness/crossbpf-error.ts';
import type { ProgramObservation } from '../../harness/run/observation.ts';
import { type PlayProgress, playScenario } from '../../harness/run/play-scenario.ts';
import { bindScenario } from '../../harness/scenarios/bind-scenario.ts';
import { scenarioSchema, type UserScenario } from '../../harness/scenarios/scenario-schema.ts';
import type { Connection } from '../../harness/targets/connection.ts';
import { accepted, fixture } from './fixture-builder.ts';
import { inspectedObject, int, map, struct } from './object-builder.ts';
import { FACTS } from './scripted-target.ts';

const INSPECTED = inspectedObject({
  programs: {
    count: { maps: ['counts', '.bss'] },
    drop: { maps: ['drops'] },
    probe: { type: 'kprobe', maps: ['seen'] },
  },
  maps: [
    map('counts'),
    map('drops'),
    map('seen'),
    map('per_cpu', { type: 'percpu_array' }),
    map('prefixes', { type: 'lpm_trie', key: struct('prefix', { length: int(4), data: int(4) }) }),
    map('events', { type: 'ringbuf', value: struct('event', { pid: int(4) }) }),
  ],
  variables: { hits: int(8), limit: int(4) },
});

/** What a scripted agent answers. */
export interface PlayScript {
  /** By index of the step that was sent. */
  readonly steps?: Readonly<Record<number, Partial<StepReply>>>;
  readonly dumps?: Readonly<Record<string, Partial<DumpReply>>>;
  readonly end?: Partial<PlayedReply>;
  /** By index of the step before whose answer the target is lost. */
  readonly lostAt?: number;
}

/** Plays a scenario on a connection that answers by a script; `asked` is what was sent. */
export async function play(
  scenario: UserScenario,
  script: PlayScript = {},
  verdicts: Readonly<Record<string, ProgramObservation>> = {},
) {
  const read = { scenario: scenarioSchema.parse(scenario), text: '', file: 'f', inputs: [] };
  const { bound } = bindScenario(read, INSPECTED, { root: '/' });
  let asked: PlayOptions | undefined;
  const connection = {
    facts: FACTS,
    async *play(options: PlayOptions): AsyncGenerator<StepReply | DumpReply, PlayedReply> {
      asked = options;
      const end: PlayedReply = {
        type: 'played',
        id: 1,
        failure: '',
        errno: null,
        kernelLog: [],
        ...script.end,
      };
      if (end.failure !== '') return end;
      for (const index of options.steps.keys()) {
        if (index === script.lostAt) throw new CrossbpfError({ code: 'INFRA_X', message: 'lost' });
        const ok = { ok: true, errno: null, message: '', ...script.steps?.[index] };
        yield { type: 'step', id: 1, index, ...ok };
      }
      for (const name of options.dumps) {
        const ok = { ok: true, errno: null, message: '', entries: [], ...script.dumps?.[name] };
        yield { type: 'dump', id: 1, map: name, ...ok };
      }
      return end;
    },
  } as unknown as Connection;
  const programs = { count: accepted(), drop: accepted(), probe: accepted(), ...verdicts };
  const played = { ...fixture('f', []), inspected: INSPECTED, scenario: bound };
  const progress: PlayProgress = { awaited: null };
  try {
    const observed = await playScenario(played, connection, { programs, progress });
    return { ...observed, asked, progress };
  } catch (thrown) {
    if (!(thrown instanceof CrossbpfError) || script.lostAt === undefined) throw thrown;
    return { steps: [], maps: {}, asked, progress };
  }
}
