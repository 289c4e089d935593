import type { LoadedProgram, LoadOptions } from '../agent/agent-session.ts';
import { asError, CrossbpfError } from '../crossbpf-error.ts';
import type { Fixture } from '../fixtures/fixture.ts';
import type { Connection } from '../targets/connection.ts';
import { findLack, findReason } from '../verifier-log/reason.ts';
import { memoryAdvice } from './map-memory.ts';
import { observeObject } from './object-observation.ts';
import type { FixtureObservation, ProgramObservation } from './observation.ts';
import { type PlayProgress, playScenario } from './play-scenario.ts';
import { presentVariables } from './playable.ts';
import { rejectedSource } from './rejected-source.ts';

const KEPT_LOG_BYTES = 512 * 1024;
/** A program of that size costs seconds; `--log full` asks for its log all the same. */
const LOGGED_INSNS = 100_000;

export interface ObserveOptions {
  readonly signal: AbortSignal;
  /** The working folder, which source files are named by. */
  readonly folder: string;
  /** Keep verifier logs of any length. */
  readonly fullLog: boolean;
  /** Milliseconds from an origin that does not move. */
  readonly now: () => number;
  /** Milliseconds that a fixture may take. */
  readonly timeoutMs: number;
  /** Whether the target was ended because they are over. */
  readonly isLate: () => boolean;
}

/**
 * Loads a fixture over a connection, carries out its scenario, and says what the target answered. A target that is lost
 * meanwhile gives the status `infra`, with the programs that were answered before.
 */
export async function observeFixture(
  fixture: Fixture,
  connection: Connection,
  options: ObserveOptions,
): Promise<FixtureObservation> {
  const { signal, fullLog, now, folder } = options;
  const start = now();
  const answers = new Map<string, ProgramObservation>();
  const progress: PlayProgress = { awaited: null };
  const load = connection.load(loadOptions(fixture, { fullLog }));
  try {
    let next = await load.next();
    for (; !next.done; next = await load.next()) {
      answers.set(next.value.name, toObservation(next.value, folder));
    }
    if (next.value.kind !== 'loaded') throw unreadable(fixture, next.value.message);
    checkComplete(fixture, answers);
    const programs = Object.fromEntries(answers);
    const played = await playScenario(fixture, connection, { programs, progress });
    const { reply } = next.value;
    const kernelLog = [...reply.kernelLog, ...played.kernelLog];
    const object = reply.object === undefined ? {} : { object: observeObject(reply.object) };
    const durationMs = now() - start;
    return { status: 'ran', durationMs, programs, ...object, ...played, kernelLog };
  } catch (thrown) {
    signal.throwIfAborted();
    const error = asError(thrown);
    if (!(error instanceof CrossbpfError)) throw error;
    const failure = describeLoss(error, progress, { ...options, fixture });
    const programs = Object.fromEntries(answers);
    return { status: 'infra', durationMs: now() - start, programs, error: failure };
  }
}

/** A program of the object without an answer must not look like one that was never there. */
function checkComplete({ inspected }: Fixture, answers: ReadonlyMap<string, unknown>): void {
  const missing = inspected.programs.filter(({ name }) => !answers.has(name));
  if (missing.length === 0) return;
  throw new CrossbpfError({
    code: 'INFRA_ANSWER_MISSING',
    message: `the agent gave no answer for ${missing.map(({ name }) => name).join(', ')}`,
    hint: 'This is a bug of crossbpf: please report it with the object.',
  });
}

/** How a fixture is loaded. */
export function loadOptions(
  { id, object, types = {}, scenario, inspected }: Fixture,
  { fullLog }: Pick<ObserveOptions, 'fullLog'>,
): LoadOptions {
  const limits = fullLog
    ? { logHead: Number.MAX_SAFE_INTEGER, logTail: 0 }
    : { logHead: KEPT_LOG_BYTES, logTail: KEPT_LOG_BYTES, logInsns: LOGGED_INSNS };
  const variables = scenario === null ? [] : presentVariables(scenario, inspected);
  return {
    name: id,
    object,
    ...limits,
    ...(Object.keys(types).length > 0 && { types }),
    ...(variables.length > 0 && { variables }),
  };
}

/** What ended the target, and how far the scenario had come. */
function describeLoss(
  error: CrossbpfError,
  { awaited }: PlayProgress,
  options: ObserveOptions & { readonly fixture: Fixture },
) {
  const before = awaited === null ? '' : ` before the end of ${awaited}`;
  if (options.isLate()) {
    const limit = `no answer in ${options.timeoutMs / 1000} s`;
    const message = `${limit}${before}; the guest was ended (--timeout sets the limit)${memoryAdvice(options.fixture.inspected)}`;
    return { code: 'INFRA_TIMEOUT', message };
  }
  const message = before === '' ? error.message : `${error.message} (${before.trim()})`;
  return { code: error.code, message };
}

function toObservation(program: LoadedProgram, folder: string): ProgramObservation {
  const log = program.log.toString('utf8');
  const accepted = program.verdict === 'accept';
  return {
    type: program.programType,
    section: program.section,
    verdict: program.verdict,
    errno: program.errno,
    reason: accepted ? null : reasonOf(program, log),
    insns: program.insns,
    states: program.totalStates,
    stack: program.stackDepths,
    source: rejectedSource(program, folder),
    origin: program.origin ?? 'kernel',
    notLoaded: program.notLoaded ?? null,
    notes: program.notes ?? [],
    analysis: program.analysis ?? null,
    loadMs: program.loadNs / 1e6,
    log,
    logOmitted: program.logOmitted,
  };
}

/** In the verifier's words where it was asked; what those only hint at is named behind them. */
function reasonOf(program: LoadedProgram, log: string): string {
  const { verdict, missing, message, errno, origin } = program;
  if (verdict === 'unsupported' && missing !== null) return `no ${missing}`;
  // The agent has read a report that is not the kernel's.
  const known = origin === undefined ? (findLack(message) ?? findReason(log)) : message;
  const said = known || message || (errno ?? 'no reason was given');
  return missing === null ? said : `${said} (no ${missing})`;
}

/** The agent on the host read this object before; that the one on the target cannot is worth its own words. */
function unreadable(fixture: Fixture, message: string): CrossbpfError {
  return new CrossbpfError({
    code: 'USAGE_BAD_OBJECT',
    message: `the agent cannot read the object: ${message}`,
    file: fixture.file,
  });
}
