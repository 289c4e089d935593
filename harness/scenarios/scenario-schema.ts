import { z } from 'zod';
import { comparison, expectation } from './expectation-schemas.ts';
import { step } from './step-schemas.ts';
import { oneOrMore, strictObject } from './strict-object.ts';
import { userValue } from './value-schemas.ts';

/** An entry that a map holds before the first step. A queue, stack or bloom filter has no key. */
const seed = strictObject({ key: userValue.optional(), value: userValue });

/** Seconds that a step may take where the scenario says nothing of it. */
const STEP_TIMEOUT = 10;

/** `NAME.scenario.ts` or `.json`: what to do with a loaded object, and what must come of it. */
export const scenarioSchema = strictObject({
  /** For editors; read by nobody. */
  $schema: z.string().optional(),
  /** What maps hold before the first step, by name. */
  maps: z.record(z.string(), z.array(seed)).default({}),
  /** Global variables (of .data and .bss) before the first step, by name. */
  variables: z.record(z.string(), userValue).default({}),
  steps: z.array(step).default([]),
  /** What must hold; of several entries all that fit a target. */
  expect: oneOrMore(expectation).default([]),
  /** What may differ between targets, and why. */
  compare: comparison.prefault({}),
  /** Seconds that one step may take; it fails when it takes longer. */
  stepTimeout: z.number().min(0.001).max(3600).default(STEP_TIMEOUT),
});

/** As the run uses it: checked, every default filled in, bytes as `0x…`, `'/text/'` as RegExp. */
export type Scenario = z.output<typeof scenarioSchema>;

/** As a user writes it. */
export type UserScenario = z.input<typeof scenarioSchema>;
