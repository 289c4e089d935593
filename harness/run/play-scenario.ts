import type { PlayOptions } from '../agent/agent-session.ts';
import type { DumpReply, PlayedReply, StepReply } from '../agent/play-messages.ts';
import type { Fixture } from '../fixtures/fixture.ts';
import { DUMP_LIMITS } from '../scenarios/bind-dumps.ts';
import type { BoundScenario } from '../scenarios/bound-scenario.ts';
import type { Connection } from '../targets/connection.ts';
import { observeMap } from './map-observation.ts';
import type { MapObservation, ProgramObservation, StepObservation } from './observation.ts';
import { choosePlayable, type Playable } from './playable.ts';
import { observeStep, unplayedStep } from './step-observation.ts';

/** What one target said of a fixture's scenario. */
export interface ScenarioObservation {
  readonly steps: readonly StepObservation[];
  readonly maps: Readonly<Record<string, MapObservation>>;
  readonly kernelLog: readonly string[];
}

/** Carries out, of a fixture's scenario, what the target's verdicts leave of it. */
export async function playScenario(
  fixture: Fixture,
  connection: Connection,
  programs: Readonly<Record<string, ProgramObservation>>,
): Promise<ScenarioObservation> {
  const { scenario, inspected } = fixture;
  if (scenario === null) return { steps: [], maps: {}, kernelLog: [] };
  const playable = choosePlayable({ scenario, inspected, programs });
  const answers = await askAgent(fixture, connection, toRequest(fixture, scenario, playable));
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
  readonly end: Pick<PlayedReply, 'failure' | 'kernelLog'>;
}

async function askAgent(
  { object, id: name }: Fixture,
  connection: Connection,
  request: Omit<PlayOptions, 'object' | 'name'>,
): Promise<PlayAnswers> {
  const steps = new Map<number, StepReply>();
  const dumps = new Map<string, DumpReply>();
  if (request.steps.length === 0 && request.dumps.length === 0) {
    return { steps, dumps, end: { failure: '', kernelLog: [] } };
  }
  const play = connection.play({ ...request, object, name });
  let next = await play.next();
  for (; !next.done; next = await play.next()) {
    if (next.value.type === 'step') steps.set(next.value.index, next.value);
    else dumps.set(next.value.map, next.value);
  }
  return { steps, dumps, end: next.value };
}

function toRequest(
  { inspected }: Fixture,
  { scenario, variables, files }: BoundScenario,
  { programs, steps, dumps }: Playable,
): Omit<PlayOptions, 'object' | 'name'> {
  const known = new Set(inspected.maps.map(map => map.name));
  return {
    programs: [...programs],
    // A section whose map is not there has no variables that a program could read.
    variables: variables.filter(({ section }) => known.has(section)),
    steps: steps.map(({ wire }) => wire),
    dumps: dumps.map(({ map }) => map.name),
    ...{ dumpEntries: DUMP_LIMITS.entries, dumpBytes: DUMP_LIMITS.bytes },
    stepTimeoutMs: Math.ceil(scenario.stepTimeout * 1000),
    files,
  };
}

interface StepAnswers {
  readonly answers: PlayAnswers;
  readonly platform: Connection['facts']['platform'];
}

/** What filled a map is told only where it failed. */
function observeSteps(
  scenario: BoundScenario,
  playable: Playable,
  { answers, platform }: StepAnswers,
): StepObservation[] {
  const indexes = new Map(playable.steps.map((step, index) => [step, index]));
  return scenario.steps.flatMap(step => {
    const why = playable.skipped.get(step);
    if (why !== undefined) return step.isSeed ? [] : unplayedStep(step, 'skipped', why);
    const reply = answers.steps.get(indexes.get(step) ?? -1);
    if (reply === undefined) return unplayedStep(step, 'failed', whyUnplayed(answers));
    return step.isSeed && reply.ok ? [] : observeStep(step, reply, platform);
  });
}

function whyUnplayed({ end }: PlayAnswers): string {
  return end.failure === '' ? 'the agent did not carry it out' : `not carried out: ${end.failure}`;
}

function observeMaps(
  { inspected }: Fixture,
  { dumps }: Playable,
  answers: PlayAnswers,
): Record<string, MapObservation> {
  const observed = dumps.map((dump): [string, MapObservation] => {
    const reply = answers.dumps.get(dump.map.name);
    if (reply !== undefined) return [dump.map.name, observeMap(dump, reply, inspected)];
    return [dump.map.name, { kind: 'unreadable', message: whyUnplayed(answers) }];
  });
  return Object.fromEntries(observed);
}
