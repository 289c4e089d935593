import { availableParallelism } from 'node:os';
import pMap from 'p-map';
import { locateAgentBinary } from '../agent/agent-binary.ts';
import { runBounded } from '../agent/bounded-agent.ts';
import { hostPlatform } from '../agent/host-platform.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import type { ProgramTypes } from '../fixtures/program-types.ts';
import { type ObjectNeeds, objectNeeds } from './needs.ts';

export interface ExaminedKernel {
  readonly id: string;
  /** Path of its BTF, raw or in an image. */
  readonly types: string;
  /** Upstream's version, `6.12.118`. */
  readonly version: string;
}

export interface ExamineOptions {
  /** Paths of object files. */
  readonly objects: readonly string[];
  /** The types of programs whose section does not say it, by path. */
  readonly types?: Readonly<Record<string, ProgramTypes>>;
  readonly kernels: readonly ExaminedKernel[];
  readonly packageRoot: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What the programs of objects need, and what of it each kernel's types have, in the order of the objects. The agent on
 * this machine says it; nothing is loaded.
 *
 * @throws CrossbpfError `INFRA_AGENT_FAILED` where the agent fails, or as `locateAgentBinary` does.
 */
export async function examineObjects(options: ExamineOptions): Promise<ObjectNeeds[]> {
  const { objects, types = {}, kernels, packageRoot, signal } = options;
  const agent = await locateAgentBinary({
    ...{ platform: hostPlatform(), packageRoot },
    ...(signal === undefined ? {} : { signal }),
  });
  const whole = await ask(agent, { objects, types, kernels }, signal);
  if (whole.kind === 'answered') return parseAnswers(whole.stdout);
  // One of them may be to blame: each is looked at by itself, then those that can be are asked for together.
  const examine = (object: string) =>
    examineAlone(agent, { objects: [object], types, kernels: [] }, signal);
  const alone = await pMap(objects, examine, { concurrency: availableParallelism() });
  const readable = objects.filter((_, at) => alone[at] === undefined);
  if (readable.length === objects.length) throw agentFailed(whole.message);
  const answers =
    readable.length === 0 ? [] : await examineObjects({ ...options, objects: readable });
  return alone.map(error => error ?? (answers.shift() as ObjectNeeds));
}

/** What all of them may take together. */
const DEADLINE_MS = 300_000;
const DEADLINE_ALONE_MS = 15_000;

type Request = Pick<ExamineOptions, 'objects' | 'types' | 'kernels'>;

function ask(agent: string, request: Request, signal: AbortSignal | undefined) {
  const isAlone = request.objects.length === 1 && request.kernels.length === 0;
  const timeoutMs = isAlone ? DEADLINE_ALONE_MS : DEADLINE_MS;
  return runBounded(agent, ['portability'], { input: JSON.stringify(request), timeoutMs, signal });
}

/** The answer for an object that cannot be looked into; undefined for one that can. */
async function examineAlone(
  agent: string,
  request: Request,
  signal: AbortSignal | undefined,
): Promise<ObjectNeeds | undefined> {
  const { kind, ...answer } = await ask(agent, request, signal);
  if (kind === 'answered') return undefined;
  const error = 'message' in answer ? answer.message : null;
  const [object = ''] = request.objects;
  return { object, error, byteOrder: 'little', programs: [], maps: [] };
}

function parseAnswers(text: string): ObjectNeeds[] {
  const lines = text.split('\n').filter(line => line !== '');
  return lines.map(line => objectNeeds.parse(JSON.parse(line)));
}

function agentFailed(message: string): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_AGENT_FAILED',
    message: `the agent cannot look into the objects: ${message}`,
    hint: 'Is a file of the cache damaged? Remove the folder types in it.',
  });
}
