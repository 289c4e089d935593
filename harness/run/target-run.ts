import { CrossbpfError } from '../crossbpf-error.ts';
import type { Fixture } from '../fixtures/fixture.ts';
import type { Connection, Target, TargetFacts } from '../targets/connection.ts';
import type { RunListener } from './events.ts';
import type { FixtureObservation } from './observation.ts';
import { observeFixture } from './observe.ts';

export interface TargetRunOptions {
  readonly signal: AbortSignal;
  readonly listener: RunListener;
  readonly fullLog: boolean;
  /** Milliseconds that one fixture may take on the target. */
  readonly timeoutMs: number;
  readonly now: () => number;
}

/** All that one target said in a run. */
export interface TargetOutcome {
  /** Of its first connection; absent when there was none. */
  readonly facts?: TargetFacts;
  /** Why it could not be had, or not again after it was lost. */
  readonly error?: CrossbpfError;
  readonly observations: ReadonlyMap<string, FixtureObservation>;
}

/**
 * Runs every fixture on one target. A fixture that takes the target down is an `infra` answer for
 * that fixture alone: the next one gets a fresh connection.
 */
export async function runOnTarget(
  target: Target,
  fixtures: readonly Fixture[],
  options: TargetRunOptions,
): Promise<TargetOutcome> {
  const { listener } = options;
  const run = new TargetRun(target, options);
  const waiting = [...fixtures];
  listener({ type: 'target:starting', target: target.id });
  try {
    while (waiting.length > 0) await run.runUntilLost(waiting);
    return run.outcome();
  } catch (thrown) {
    options.signal.throwIfAborted();
    if (!(thrown instanceof CrossbpfError) || thrown.kind === 'usage') throw thrown;
    listener({ type: 'target:failed', target: target.id, error: thrown });
    return { ...run.outcome(), error: thrown };
  } finally {
    listener({ type: 'target:finished', target: target.id });
  }
}

class TargetRun {
  readonly #target: Target;
  readonly #options: TargetRunOptions;
  readonly #observations = new Map<string, FixtureObservation>();
  #facts: TargetFacts | undefined;

  constructor(target: Target, options: TargetRunOptions) {
    this.#target = target;
    this.#options = options;
  }

  /** Takes fixtures from the list until it is empty or the connection is lost. */
  async runUntilLost(waiting: Fixture[]): Promise<void> {
    await using connection = await this.#target.open(this.#options.signal);
    this.#announce(connection.facts);
    for (let fixture = waiting.shift(); fixture !== undefined; fixture = waiting.shift()) {
      const observation = await this.#observe(fixture, connection);
      this.#observations.set(fixture.id, observation);
      const { id: target } = this.#target;
      this.#options.listener({
        ...{ type: 'fixture:observed', target, fixture: fixture.id, observation },
      });
      if (observation.status === 'infra') return;
    }
  }

  outcome(): TargetOutcome {
    const facts = this.#facts === undefined ? {} : { facts: this.#facts };
    return { ...facts, observations: this.#observations };
  }

  #announce(facts: TargetFacts): void {
    const { listener } = this.#options;
    if (this.#facts === undefined) {
      listener({ type: 'target:ready', target: this.#target.id, facts });
      for (const message of facts.warnings) {
        listener({ type: 'target:notice', target: this.#target.id, message });
      }
    }
    this.#facts ??= facts;
  }

  /** A guest that does not answer in time is ended, which ends the load that waits for it. */
  async #observe(fixture: Fixture, connection: Connection): Promise<FixtureObservation> {
    const { signal, fullLog, now, timeoutMs } = this.#options;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      void connection[Symbol.asyncDispose]();
    }, timeoutMs);
    try {
      const observation = await observeFixture(fixture, connection, { signal, fullLog, now });
      return late && observation.status === 'infra'
        ? timedOut(observation, timeoutMs)
        : observation;
    } finally {
      clearTimeout(timer);
    }
  }
}

function timedOut(observation: FixtureObservation, timeoutMs: number): FixtureObservation {
  const { programs, durationMs } = observation;
  const message = `no answer in ${timeoutMs / 1000} s; the guest was ended (--timeout sets the limit)`;
  return { status: 'infra', programs, durationMs, error: { code: 'INFRA_TIMEOUT', message } };
}
