import { createHash } from 'node:crypto';
import path from 'node:path';
import type { InspectedObject } from '../agent/inspected-object.ts';
import { encodeValue } from '../values/encode-value.ts';
import { bindDumps } from './bind-dumps.ts';
import { bindExpectations } from './bind-expectations.ts';
import { bindEntry, bindStep, mapOfValues, ofMap } from './bind-step.ts';
import type { BoundScenario, BoundStep, BoundVariable } from './bound-scenario.ts';
import { formatPath } from './describe-issues.ts';
import { Faults } from './faults.ts';
import { ObjectNames } from './object-names.ts';
import type { ReadScenario } from './read-scenario.ts';
import { ScenarioFiles } from './scenario-files.ts';
import type { Scenario } from './scenario-schema.ts';
import { nameSteps, requireUniqueName, stepTitle } from './step-names.ts';
import { usedPrograms } from './used-programs.ts';

export interface BindOptions {
  /** The working folder. */
  readonly root: string;
  /** Files and folders outside of the scenario's own that it may send along, by absolute path; default: none. */
  readonly files?: readonly string[] | undefined;
}

/**
 * Holds a scenario against its object: names that are not in it and values that do not fit their types are errors, and
 * all of them are said at once. Gives what can be sent to an agent, and the inputs that the scenario was made of.
 *
 * @throws CrossbpfError `USAGE_BAD_SCENARIO`.
 */
export function bindScenario(
  read: ReadScenario,
  object: InspectedObject,
  { root, files: allowed = [] }: BindOptions,
): { readonly bound: BoundScenario; readonly inputs: readonly string[] } {
  const faults = new Faults();
  const names = new ObjectNames(object);
  const files = new ScenarioFiles(path.resolve(root, path.dirname(read.file)), allowed);
  const parts = { scenario: read.scenario, names, faults };
  const variables = bindVariables(parts);
  const seeds = bindSeeds(parts);
  const own = bindSteps(parts, files);
  const steps = [...seeds, ...own.filter(step => isBound(step))];
  const scenario = bindExpectations({ scenario: read.scenario, names, steps: own }, faults);
  const programs = usedPrograms(object, steps);
  const dumps = bindDumps({ scenario, steps, programs, names }, faults);
  faults.throwAny(read);
  const bound = { scenario, programs, variables, steps, dumps, files: files.files };
  return {
    bound: { ...bound, file: read.file, text: read.text, digest: digestOf(bound) },
    inputs: [...read.inputs, ...files.inputs],
  };
}

interface Parts {
  readonly scenario: Scenario;
  readonly names: ObjectNames;
  readonly faults: Faults;
}

function bindVariables({ scenario, names, faults }: Parts): BoundVariable[] {
  return Object.entries(scenario.variables).flatMap(([name, value]) => {
    const at = formatPath(['variables', name]);
    const bound = faults.attempt(() => {
      const { section, offset, size, layout } = names.variable(name, at);
      const bytes = encodeValue(value, layout, { size, path: at }).toString('hex');
      return { section, offset, bytes };
    });
    return bound ?? [];
  });
}

/** What maps hold before the first step is written by steps of its own. */
function bindSeeds({ scenario, names, faults }: Parts): BoundStep[] {
  return Object.entries(scenario.maps).flatMap(([name, entries]) => {
    const at = formatPath(['maps', name]);
    const map = faults.attempt(() => mapOfValues(names, name, at));
    if (map === undefined) return [];
    return entries.flatMap((entry, index) => {
      const wire = faults.attempt(() => bindEntry(map, entry, `${at}[${index}]`));
      if (wire === undefined) return [];
      const title = { name: `seed ${name}[${index}]`, kind: 'update', subject: name } as const;
      return { ...title, isSeed: true, ...ofMap(map, wire, { kind: 'nothing' }) };
    });
  });
}

function bindSteps({ scenario, names, faults }: Parts, files: ScenarioFiles) {
  const { steps } = scenario;
  const stepNames = nameSteps(steps);
  const context = { names, files, attached: new Set<string>() };
  return steps.map((step, index) => {
    faults.attempt(() => requireUniqueName(steps, index));
    const binding = faults.attempt(() => bindStep(step, context, `steps[${index}]`));
    const title = { name: stepNames[index] ?? '', ...stepTitle(step), isSeed: false };
    return { ...title, ...binding };
  });
}

function isBound(step: Partial<BoundStep>): step is BoundStep {
  return step.wire !== undefined;
}

function digestOf(bound: object): string {
  const text = JSON.stringify(bound, (_, value: unknown) =>
    value instanceof RegExp || typeof value === 'bigint' ? String(value) : value,
  );
  return createHash('sha256').update(text).digest('hex');
}
