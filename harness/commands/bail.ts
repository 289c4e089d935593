import { compareAnswers } from '../compare/compare.ts';
import type { Fixture } from '../fixtures/fixture.ts';
import type { RunEvent } from '../run/events.ts';
import type { FixtureObservation } from '../run/observation.ts';
import type { PlannedTarget } from '../targets/create-targets.ts';

/** Ends a run early: once a fixture is answered by all targets, and not as expected. */
export class Bail {
  readonly #fixtures: ReadonlyMap<string, Fixture>;
  readonly #observations = new Map<string, Map<string, FixtureObservation>>();
  #targets: PlannedTarget[];
  #isReached = false;

  constructor(fixtures: readonly Fixture[], targets: readonly PlannedTarget[]) {
    this.#fixtures = new Map(fixtures.map(fixture => [fixture.id, fixture]));
    this.#targets = targets.filter(planned => planned.kind === 'ready');
  }

  /** Whether no further fixture is to be begun. */
  get isReached(): boolean {
    return this.#isReached;
  }

  onEvent(event: RunEvent): void {
    if (event.type === 'target:failed') {
      this.#targets = this.#targets.filter(planned => idOf(planned) !== event.target);
    }
    if (event.type !== 'fixture:observed') return;
    const { fixture, target, observation } = event;
    const said = this.#observations.get(fixture) ?? new Map<string, FixtureObservation>();
    this.#observations.set(fixture, said.set(target, observation));
    if (this.isAnswered(fixture) && !this.#isAsExpected(fixture)) this.#isReached = true;
  }

  /** Whether every target that could be had has answered. */
  isAnswered(fixture: string): boolean {
    const said = this.#observations.get(fixture);
    return said !== undefined && this.#targets.every(planned => said.has(idOf(planned)));
  }

  #isAsExpected(id: string): boolean {
    const said = this.#observations.get(id);
    const fixture = this.#fixtures.get(id);
    if (said === undefined || fixture === undefined) return true;
    if ([...said.values()].some(({ status }) => status === 'infra')) return false;
    const targets = this.#targets.flatMap(planned =>
      planned.kind === 'ready' ? [planned.target] : [],
    );
    const observation = (target: string) => said.get(target);
    const compared = compareAnswers({ targets, fixtures: [fixture], observation });
    return (
      compared.failedExpectations.length === 0 &&
      compared.divergences.every(({ expected }) => expected)
    );
  }
}

function idOf(planned: PlannedTarget): string {
  return planned.kind === 'ready' ? planned.target.id : planned.id;
}
