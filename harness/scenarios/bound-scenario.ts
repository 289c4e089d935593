import type { InspectedMap } from '../agent/inspected-object.ts';
import type { PlayRequest, WireStep } from '../agent/play-messages.ts';
import type { Scenario } from './scenario-schema.ts';
import type { StepKind } from './step-schemas.ts';

/** A scenario that fits its object: names are known, values are bytes. */
export interface BoundScenario {
  /** As it was written, checked. */
  readonly scenario: Scenario;
  /** Its file, relative to the working folder. */
  readonly file: string;
  /** The file's text, for saying on which line something is declared (`findLine`). */
  readonly text: string;
  /** Of all that it was made from: another digest, another scenario. */
  readonly digest: string;
  /** The programs that steps need, and those that their tail calls may reach. */
  readonly programs: readonly string[];
  readonly variables: readonly BoundVariable[];
  /** Those that fill maps first, then those of the user, in order. */
  readonly steps: readonly BoundStep[];
  /** Maps to read at the end. */
  readonly dumps: readonly BoundDump[];
  /** Files that triggers run. */
  readonly files: readonly ScenarioFile[];
}

export type BoundVariable = PlayRequest['variables'][number];

export interface BoundStep {
  /** Unique in the scenario. */
  readonly name: string;
  readonly kind: StepKind;
  readonly subject: string;
  /** Whether it fills a map before the user's first step: it is told only when it fails. */
  readonly isSeed: boolean;
  readonly wire: WireStep;
  readonly needs: StepNeeds;
  readonly answer: AnswerShape;
}

/** What must be there for a step to be carried out. */
export type StepNeeds =
  | { readonly kind: 'nothing' }
  /** That the target accepted it. */
  | { readonly kind: 'program'; readonly program: string }
  /** That the target accepted all of them: the functions of a struct_ops. */
  | { readonly kind: 'programs'; readonly programs: readonly string[] }
  /** That the target accepted a program that uses it, if there are any. */
  | { readonly kind: 'map'; readonly map: string }
  /** That the step which makes it was carried out. */
  | { readonly kind: 'attachment'; readonly as: string };

/** How to read the bytes of an answer. */
export type AnswerShape =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'run'; readonly programType: string }
  | { readonly kind: 'trigger' }
  | { readonly kind: 'entries' | 'value'; readonly map: InspectedMap }
  /** `size`: of each record in bytes; null: all of it. */
  | { readonly kind: 'records'; readonly map: InspectedMap; readonly size: number | null }
  | { readonly kind: 'text' };

export interface BoundDump {
  readonly map: InspectedMap;
  /** Whether it holds global variables. */
  readonly isSection: boolean;
}

export interface ScenarioFile {
  readonly name: string;
  readonly bytes: Buffer;
}
