import type { PlayOptions } from '../agent/agent-session.ts';
import type { DumpReply, PlayedReply, StepReply } from '../agent/play-messages.ts';
import type { Fixture } from '../fixtures/fixture.ts';
import { DUMP_LIMITS } from '../scenarios/bind-dumps.ts';
import type { BoundScenario } from '../scenarios/bound-scenario.ts';
import type { Connection } from '../targets/connection.ts';
import { observeMap } from './map-observation.ts';
import type { MapObservation, ProgramObservation, StepObservation } from './observation.ts';
import { choosePlayable, type Playable, presentVariables } from './playable.ts';
import { observeStep, unplayedStep } from './step-observation.ts';

/** What one target said of a fixture's scenario. */
export interface ScenarioObservation {
  readonly steps: readonly StepObservation[];
  readonly maps: Readonly<Record<string, MapObservation>>;
  readonly kernelLog: readonly string[];
}

/** How far a scenario has come. */
export interface PlayProgress {
  /** What was asked of the target and is not answered yet, `step run count`; null for nothing. */
  awaited: string | null;
}

export interface PlayInput {
  /** What the target said of each program. */
  readonly programs: Readonly<Record<string, ProgramObservation>>;
  readonly progress: PlayProgress;
}

/** Carries out, of a fixture's scenario, what the target's verdicts leave of it. */
export async function playScenario(
  fixture: Fixture,
  connection: Connection,
  { programs, progress }: PlayInput,
): Promise<ScenarioObservation> {
  const { scenario, inspected } = fixture;
  if (scenario === null) return { steps: [], maps: {}, kernelLog: [] };
  const playable = choosePlayable({ scenario, inspected, programs });
  const request = toRequest(fixture, scenario, playable);
  const track = (answered: number) => {
    const next = playable.steps[answered];
    progress.awaited = next === undefined ? 'the reading of maps' : `step ${next.name}`;
  };
  const answers = await askAgent(connection, request, track);
  progress.awaited = null;
  return {
    steps: observeSteps(scenario, playable, { answers, platform: connection.facts.platform }),
    maps: observeMaps(fixture, playable, answers),
    kernelLog: answers.end.kernelLog,
  };
}

/** All that an agent said of a scenario. */
interface PlayAnswers {
  /** By index of what was sent. */
  readonly steps: ReadonlyMap<number, StepReply>;
  /** By name. */
  readonly dumps: ReadonlyMap<string, DumpReply>;
  readonly end: Pick<PlayedReply, 'failure' | 'errno' | 'kernelLog'>;
}

async function askAgent(
  connection: Connection,
  request: PlayOptions,
  track: (answeredSteps: number) => void,
): Promise<PlayAnswers> {
  const steps = new Map<number, StepReply>();
  const dumps = new Map<string, DumpReply>();
  if (request.steps.length === 0 && request.dumps.length === 0) {
    return { steps, dumps, end: { failure: '', errno: null, kernelLog: [] } };
  }
  const play = connection.play(request);
  track(0);
  let next = await play.next();
  for (; !next.done; next = await play.next()) {
    if (next.value.type === 'step') steps.set(next.value.index, next.value);
    else dumps.set(next.value.map, next.value);
    track(steps.size);
  }
  return { steps, dumps, end: next.value };
}

function toRequest(
  { inspected, id: name, object, types = {} }: Fixture,
  bound: BoundScenario,
  { programs, steps, dumps }: Playable,
): PlayOptions {
  const { scenario, files } = bound;
  return {
    ...{ name, object, programs: [...programs], types: { ...types }, files },
    variables: presentVariables(bound, inspected),
    steps: steps.map(({ wire }) => wire),
    dumps: dumps.map(({ map }) => map.name),
    ...{ dumpEntries: DUMP_LIMITS.entries, dumpBytes: DUMP_LIMITS.bytes },
    stepTimeoutMs: Math.ceil(scenario.stepTimeout * 1000),
  };
}

interface StepAnswers {
  readonly answers: PlayAnswers;
  readonly platform: Connection['facts']['platform'];
}

/** What filled a map is told only where it failed; what could not be attached cannot be detached or read either. */
function observeSteps(
  scenario: BoundScenario,
  playable: Playable,
  { answers, platform }: StepAnswers,
): StepObservation[] {
  const indexes = new Map(playable.steps.map((step, index) => [step, index]));
  const failedAttachments = new Set<string>();
  return scenario.steps.flatMap(step => {
    const why = playable.skipped.get(step);
    if (why !== undefined)
      return step.isSeed ? [] : unplayedStep(step, 'skipped', { message: why });
    const reply = answers.steps.get(indexes.get(step) ?? -1);
    if (reply === undefined) return unplayedStep(step, 'failed', whyUnplayed(answers));
    const { wire, needs } = step;
    if (wire.kind === 'attach' && !reply.ok) failedAttachments.add(wire.as);
    if (needs.kind === 'attachment' && failedAttachments.has(needs.as) && !reply.ok) {
      return unplayedStep(step, 'skipped', { message: `${needs.as} could not be attached` });
    }
    return step.isSeed && reply.ok ? [] : observeStep(step, reply, platform);
  });
}

function whyUnplayed({ end: { failure, errno } }: PlayAnswers) {
  if (failure === '') return { message: 'the agent did not carry it out', errno };
  return { message: `not carried out: ${failure}`, errno };
}

function observeMaps(
  { inspected }: Fixture,
  { dumps }: Playable,
  answers: PlayAnswers,
): Record<string, MapObservation> {
  const observed = dumps.map((dump): [string, MapObservation] => {
    const reply = answers.dumps.get(dump.map.name);
    if (reply !== undefined) return [dump.map.name, observeMap(dump, reply, inspected)];
    return [dump.map.name, { kind: 'unreadable', message: whyUnplayed(answers).message }];
  });
  return Object.fromEntries(observed);
}
