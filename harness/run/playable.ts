import type { InspectedObject } from '../agent/inspected-object.ts';
import { ownProperty } from '../own-property.ts';
import type { BoundScenario, BoundStep, BoundVariable } from '../scenarios/bound-scenario.ts';
import type { ProgramObservation } from './observation.ts';

/** The part of a scenario that a target can carry out. */
export interface Playable {
  /** Of the scenario's programs, those that the target accepted. */
  readonly programs: readonly string[];
  readonly steps: readonly BoundStep[];
  readonly dumps: BoundScenario['dumps'];
  /** Why a step is left out, in words. */
  readonly skipped: ReadonlyMap<BoundStep, string>;
}

export interface PlayableInput {
  readonly scenario: BoundScenario;
  readonly inspected: InspectedObject;
  /** What the target said of each program. */
  readonly programs: Readonly<Record<string, ProgramObservation>>;
}

/** The variables that a scenario sets. A section whose map is not there has none that a program could read. */
export function presentVariables(
  { variables }: Pick<BoundScenario, 'variables'>,
  { maps }: Pick<InspectedObject, 'maps'>,
): BoundVariable[] {
  const known = new Set(maps.map(map => map.name));
  return variables.filter(({ section }) => known.has(section));
}

/** Leaves out what needs programs that the target did not accept, or did not load. */
export function choosePlayable(input: PlayableInput): Playable {
  const { scenario, programs } = input;
  const needs = new Needs(input);
  const skipped = new Map<BoundStep, string>();
  for (const step of scenario.steps) {
    const why = needs.missingFor(step);
    if (why !== undefined) skipped.set(step, why);
  }
  return {
    programs: scenario.programs.filter(name => isLoaded(ownProperty(programs, name))),
    steps: scenario.steps.filter(step => !skipped.has(step)),
    dumps: scenario.dumps.filter(({ map }) => needs.missingForMap(map.name) === undefined),
    skipped,
  };
}

/** Holds steps, one after the other, against what a target has. */
class Needs {
  readonly #input: PlayableInput;
  /** Attachments that are not there. */
  readonly #detached = new Set<string>();

  constructor(input: PlayableInput) {
    this.#input = input;
  }

  missingFor({ needs, wire }: BoundStep): string | undefined {
    const why = this.#whyNothing() ?? this.#missing(needs);
    if (wire.kind === 'attach') {
      if (why === undefined) this.#detached.delete(wire.as);
      else this.#detached.add(wire.as);
    }
    return why;
  }

  missingForMap(map: string): string | undefined {
    return this.#whyNothing() ?? this.#missingUsers(map);
  }

  /** Where programs were only verified, there are no maps either. */
  #whyNothing(): string | undefined {
    const accepted = Object.values(this.#input.programs).filter(isAccepted);
    if (accepted.length === 0 || accepted.some(isLoaded)) return undefined;
    return `the target only verifies: ${accepted[0]?.notLoaded ?? 'nothing was loaded'}`;
  }

  #missingUsers(map: string): string | undefined {
    const users = this.#input.inspected.programs.filter(({ maps }) => maps.includes(map));
    if (users.length === 0 || users.some(({ name }) => this.#accepts(name))) return undefined;
    const [only] = users;
    return users.length === 1 && only !== undefined
      ? `${this.#refusal(only.name)}, and no other program uses ${map}`
      : `no program that uses ${map} was accepted`;
  }

  #missing(needs: BoundStep['needs']): string | undefined {
    switch (needs.kind) {
      case 'nothing':
        return undefined;
      case 'program':
        return this.#accepts(needs.program) ? undefined : this.#refusal(needs.program);
      case 'programs': {
        const refused = needs.programs.find(name => !this.#accepts(name));
        return refused === undefined ? undefined : this.#refusal(refused);
      }
      case 'map':
        return this.#missingUsers(needs.map);
      case 'attachment':
        return this.#detached.has(needs.as) ? `${needs.as} was not attached` : undefined;
    }
  }

  #accepts(program: string): boolean {
    return isLoaded(ownProperty(this.#input.programs, program));
  }

  #refusal(program: string): string {
    const { verdict, notLoaded } = ownProperty(this.#input.programs, program) ?? {};
    if (verdict === 'accept') return `program ${program} was not loaded: ${notLoaded}`;
    return `program ${program} was ${verdict === 'reject' ? 'rejected' : 'not supported'}`;
  }
}

function isAccepted(program: ProgramObservation | undefined): boolean {
  return program?.verdict === 'accept';
}

function isLoaded(program: ProgramObservation | undefined): boolean {
  return isAccepted(program) && program?.origin !== 'verifier';
}
