import { CrossbpfError } from '../crossbpf-error.ts';
import { type Fixture, formFor } from '../fixtures/fixture.ts';
import type { Connection, Target, TargetFacts } from '../targets/connection.ts';
import type { RunListener } from './events.ts';
import type { FixtureObservation } from './observation.ts';
import { loadOptions, observeFixture } from './observe.ts';
import { openTarget } from './open-target.ts';

export interface TargetRunOptions {
  readonly signal: AbortSignal;
  readonly listener: RunListener;
  readonly fullLog: boolean;
  /** The working folder, which source files are named by. */
  readonly folder: string;
  /** Milliseconds that one fixture may take on the target. */
  readonly timeoutMs: number;
  readonly now: () => number;
  /** Asked before each fixture: whether the run ends early. */
  readonly isStopped?: () => boolean;
  /** Whether another run follows that may use the same guests. */
  readonly isContinued?: boolean;
}

/** All that one target said in a run. */
export interface TargetOutcome {
  /** Of its first connection; absent when there was none. */
  readonly facts?: TargetFacts;
  /** Why it could not be had. */
  readonly error?: CrossbpfError;
  readonly observations: ReadonlyMap<string, FixtureObservation>;
}

/** One target in a run: opens connections to it, and keeps what they say. */
export class TargetRun {
  readonly target: Target;
  readonly #options: TargetRunOptions;
  readonly #observations = new Map<string, FixtureObservation>();
  #facts: TargetFacts | undefined;
  #error: CrossbpfError | undefined;
  /** Fixtures that are run for the second time. */
  readonly #repeated = new Set<string>();
  /** How often `run` will still be called. */
  #expected = 0;

  constructor(target: Target, options: TargetRunOptions) {
    this.target = target;
    this.#options = options;
  }

  /** Says that `run` will be called once more. */
  expect(): void {
    this.#expected++;
  }

  get isShared(): boolean {
    return this.target.isShared === true;
  }

  /**
   * Runs fixtures on one fresh connection. One that takes the target down is an `infra` answer for
   * that fixture alone: the next one gets another connection. A target that cannot be had is not
   * tried again.
   */
  async run(fixtures: readonly Fixture[]): Promise<void> {
    this.#expected--;
    const waiting = fixtures.flatMap(fixture => this.#madeOf(fixture));
    try {
      while (!this.#isDone(waiting)) await this.#runUntilLost(waiting);
    } catch (thrown) {
      this.#options.signal.throwIfAborted();
      if (!(thrown instanceof CrossbpfError) || thrown.kind === 'usage') throw thrown;
      this.#fail(thrown);
    }
  }

  outcome(): TargetOutcome {
    return {
      ...(this.#facts === undefined ? {} : { facts: this.#facts }),
      ...(this.#error === undefined ? {} : { error: this.#error }),
      observations: this.#observations,
    };
  }

  /** What a fixture is on this target's platform. Where it is nothing there, that is its answer. */
  #madeOf(fixture: Fixture): Fixture[] {
    const form = formFor(fixture, this.target.platform);
    if (form.kind === 'made') return [form.fixture];
    const nothing = { durationMs: 0, programs: {} };
    const observation: FixtureObservation =
      form.kind === 'unsupported'
        ? { status: 'unsupported', ...nothing, reason: form.reason }
        : { status: 'infra', ...nothing, error: failureOf(form.error) };
    this.#record(fixture.id, observation);
    return [];
  }

  #record(fixture: string, observation: FixtureObservation): void {
    this.#observations.set(fixture, observation);
    const { listener } = this.#options;
    listener({ type: 'fixture:observed', target: this.target.id, fixture, observation });
  }

  #isDone(waiting: readonly Fixture[]): boolean {
    const isStopped = this.#options.isStopped?.() === true;
    return waiting.length === 0 || this.#error !== undefined || isStopped;
  }

  #fail(error: CrossbpfError): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#options.listener({ type: 'target:failed', target: this.target.id, error });
  }

  async #runUntilLost(waiting: Fixture[]): Promise<void> {
    const { listener, signal, isContinued = false } = this.#options;
    const isLast = this.#expected <= 0 && !isContinued;
    const retries: string[] = [];
    const onRetry = (message: string) => {
      retries.push(message);
      listener({ type: 'target:notice', target: this.target.id, message });
    };
    const first = loadOptions(waiting[0] as Fixture, this.#options);
    const open = () => this.target.open(signal, { isLast, first });
    await using connection = await openTarget(open, { signal, onRetry });
    this.#announce(connection.facts, retries);
    listener({ type: 'target:connected', target: this.target.id, facts: connection.facts });
    while (!this.#isDone(waiting)) {
      const fixture = waiting.shift() as Fixture;
      const observation = await this.#observe(fixture, connection);
      if (this.#isToRepeat(fixture, observation)) {
        waiting.unshift(fixture);
        return;
      }
      this.#record(fixture.id, observation);
      if (observation.status === 'infra') return;
    }
  }

  /**
   * Whether a fixture is tried once more, in another guest: one whose guest died under it. A program that brings a
   * kernel down does so again; a kernel in an emulator dies by itself once in some thousand guests.
   */
  #isToRepeat({ id }: Fixture, observation: FixtureObservation): boolean {
    if (observation.status !== 'infra' || observation.error.code !== 'INFRA_GUEST_LOST')
      return false;
    if (this.#repeated.has(id)) return false;
    this.#repeated.add(id);
    const message = `${id}: ${observation.error.message}; it is run once more`;
    this.#options.listener({ type: 'target:notice', target: this.target.id, message });
    return true;
  }

  /** `retries` have been told already; of the first connection the report has them too. */
  #announce(facts: TargetFacts, retries: readonly string[]): void {
    if (this.#facts !== undefined) return;
    this.#facts = { ...facts, warnings: [...facts.warnings, ...retries] };
    const { listener } = this.#options;
    listener({ type: 'target:ready', target: this.target.id, facts });
    for (const message of facts.warnings) {
      listener({ type: 'target:notice', target: this.target.id, message });
    }
  }

  /** A guest that does not answer in time is ended, which ends the load that waits for it. */
  async #observe(fixture: Fixture, connection: Connection): Promise<FixtureObservation> {
    const timeoutMs = this.#options.timeoutMs + (this.target.preparationMs ?? 0);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      void connection[Symbol.asyncDispose]();
    }, timeoutMs);
    try {
      const isLate = () => late;
      return await observeFixture(fixture, connection, { ...this.#options, timeoutMs, isLate });
    } finally {
      clearTimeout(timer);
    }
  }
}

function failureOf({ code, message, hint }: CrossbpfError) {
  return { code, message: hint === undefined ? message : `${message}. ${hint}` };
}
