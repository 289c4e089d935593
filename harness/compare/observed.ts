import type { InspectedMap } from '../agent/inspected-object.ts';
import type { Platform } from '../config/platform.ts';
import type { Fixture } from '../fixtures/fixture.ts';
import {
  answersIn,
  type FixtureObservation,
  type MapObservation,
  type StepObservation,
} from '../run/observation.ts';
import type { AnswerShape } from '../scenarios/bound-scenario.ts';
import { errorMeaning, errorsLike } from '../scenarios/error-meanings.ts';
import {
  errorName,
  type Returning,
  returnMeaning,
  returnNames,
  returnNumber,
} from '../scenarios/return-names.ts';
import type { Json } from '../values/json.ts';
import { reasonClasses } from '../verifier-log/reason-class.ts';
import type { ExpectedField } from './divergence.ts';
import { isList, MapContents, type MapEntry, type Node } from './node.ts';
import { type ByProcessor, byProcessor } from './processors.ts';
import { toldOf, unsettledPlaces } from './unsettled.ts';

/** One thing that a target said of a fixture. */
export interface Fact {
  /** A program's name, or `step …`, `map …`, `variable …`. */
  readonly subject: string;
  readonly field: ExpectedField;
  readonly node: Node;
  /** Further forms in which it may be expected: a return value's number beside its name. */
  readonly also?: readonly Node[];
  /** What it means on any platform, where each has words of its own; one of these has to be the other's. */
  readonly meanings?: readonly string[];
  /** Of a value that each processor has one of: machines differ in how many there are. */
  readonly processors?: ByProcessor | undefined;
  /** The program that was not accepted, so that what it would have written is not there. */
  readonly unsettledBy?: string | undefined;
}

/** All that a target said of a fixture, by `factKey`, programs first, then steps, maps and variables. */
export type Facts = ReadonlyMap<string, Fact>;

export function factKey(subject: string, field: ExpectedField): string {
  return `${field} of ${subject}`;
}

/** What a target of a platform said; return values have other names on each. */
export function factsOf(
  fixture: Fixture,
  observation: FixtureObservation,
  platform: Platform,
): Facts {
  const facts = [
    ...Object.entries(answersIn(observation)).flatMap(([name, program]) => [
      { subject: name, field: 'verdict' as const, node: program.verdict },
      ...(program.verdict === 'accept' ? [] : refusal(name, program, platform)),
      ...cost(name, program),
    ]),
    ...(observation.status === 'ran' ? scenarioFacts(fixture, observation, platform) : []),
  ];
  return new Map(facts.map(fact => [factKey(fact.subject, fact.field), fact]));
}

type Program = FixtureObservation['programs'][string];

function refusal(subject: string, { reason, errno }: Program, platform: Platform): Fact[] {
  const meanings = reasonClasses(reason ?? '', platform);
  return [
    { subject, field: 'reason', node: reason ?? '', meanings },
    { subject, field: 'errno', node: errno },
  ];
}

function cost(subject: string, { insns, states, stack }: Program): Fact[] {
  const sum = stack.reduce((total, bytes) => total + bytes, 0);
  return [
    ...(insns === null ? [] : [{ subject, field: 'insns' as const, node: insns }]),
    ...(states === null ? [] : [{ subject, field: 'states' as const, node: states }]),
    ...(stack.length === 0 ? [] : [{ subject, field: 'stack' as const, node: sum }]),
  ];
}

type Ran = FixtureObservation & { status: 'ran' };

function scenarioFacts(fixture: Fixture, observation: Ran, platform: Platform): Fact[] {
  const told = toldOf(observation);
  const unsettled = unsettledPlaces(fixture, observation.steps);
  const bound = new Map(fixture.scenario?.steps.map(step => [step.name, step]));
  const steps = told.steps.flatMap(step => {
    const { wire, answer } = bound.get(step.name) ?? {};
    const map = wire !== undefined && 'map' in wire ? wire.map : '';
    const facts = stepFacts(step, { answer, platform });
    return facts.map(fact => ({ ...fact, unsettledBy: unsettled.get(map) }));
  });
  const sections = new Set(
    fixture.scenario?.dumps.flatMap(({ map, isSection }) => (isSection ? [map.name] : [])),
  );
  const inspected = new Map(fixture.inspected.maps.map(each => [each.name, each]));
  const maps = Object.entries(told.maps).flatMap(([name, map]) =>
    mapFacts(map, { map: inspected.get(name), name, isSection: sections.has(name), platform }).map(
      fact => ({
        ...fact,
        unsettledBy: unsettled.get(sections.has(name) ? fact.subject : name),
      }),
    ),
  );
  return [...steps, ...maps];
}

interface StepContext {
  readonly answer: AnswerShape | undefined;
  readonly platform: Platform;
}

/** A step that was skipped is no observation. */
function stepFacts(step: StepObservation, { answer, platform }: StepContext): Fact[] {
  const subject = `step ${step.name}`;
  if (step.status === 'skipped') return [];
  const errno = step.status === 'ok' ? 'ok' : (step.errno ?? 'failed');
  const outcome: Fact[] = [
    { subject, field: 'errno', node: errno, ...errorForms(errno, platform) },
    { subject, field: 'message', node: step.message },
  ];
  if (step.status === 'failed') return outcome;
  const { retval, retvalName, dataOut, value } = step;
  if (retval !== null) {
    const programType = answer?.kind === 'run' ? answer.programType : '';
    const forms = returnForms(retval, retvalName, { platform, programType });
    outcome.push({ subject, field: 'retval', ...forms });
  }
  if (dataOut !== null) outcome.push({ subject, field: 'dataOut', node: dataOut });
  if (value !== null) {
    const node = answer?.kind === 'entries' && isList(value) ? toContents(value) : value;
    const map = answer !== undefined && 'map' in answer ? answer.map : undefined;
    outcome.push({ subject, field: 'value', node, ...processorForms(map, node) });
  }
  return outcome;
}

/** Values from -4095 on are what the kernel takes for an error (MAX_ERRNO in include/linux/err.h). */
const MAX_ERRNO = 4095;

function returnForms(retval: number, name: string | null, returning: Returning) {
  const signed = retval | 0;
  const error = signed < 0 ? errorName(-signed, returning.platform) : undefined;
  const aliases = returnNames(returning).filter(
    alias => returnNumber(alias, returning) === retval >>> 0,
  );
  const shown = signed < 0 && signed >= -MAX_ERRNO ? signed : retval;
  const errors =
    error === undefined ? [] : errorsLike(error, returning.platform).map(each => `-${each}`);
  const meaning = returnMeaning(retval, returning);
  const meanings = meaning === null ? [] : [meaning];
  return {
    node: name ?? shown,
    also: [retval, signed, ...aliases, ...errors, ...meanings],
    meanings,
  };
}

/** An error may be expected by the name that another platform has for it. */
function errorForms(name: string, platform: Platform) {
  return { also: errorsLike(name, platform), meanings: [errorMeaning(name) ?? name] };
}

function toContents(entries: readonly Json[]): MapContents {
  return new MapContents(entries as unknown as readonly MapEntry[]);
}

/** Where a machine has more processors than were expected, those have to be as expected that were. */
function processorForms(map: InspectedMap | undefined, node: Node) {
  const processors = byProcessor(map, node);
  return processors === undefined ? {} : { processors, also: [processors.ofFirst] };
}

interface MapContext {
  readonly name: string;
  readonly map: InspectedMap | undefined;
  /** Whether it holds global variables, which are told one by one. */
  readonly isSection: boolean;
  readonly platform: Platform;
}

function mapFacts(
  observed: MapObservation,
  { name, map, isSection, platform }: MapContext,
): Fact[] {
  const field = 'value' as const;
  if (observed.kind === 'unreadable') {
    return [{ subject: `map ${name}`, field, node: `unreadable: ${observed.message}` }];
  }
  if (!isSection) {
    const node = new MapContents(observed.entries);
    return [{ subject: `map ${name}`, field, node, ...processorForms(map, node) }];
  }
  return observed.entries.flatMap(({ value }) =>
    Object.entries(value ?? {}).map(([variable, node]) => ({
      ...{ subject: `variable ${variable}`, field, node: node as Json },
      also: negatedErrors(node, platform),
    })),
  );
}

/** What a helper answered may be expected by the error's name: `-ENOENT`. */
function negatedErrors(node: unknown, platform: Platform): string[] {
  const error = typeof node === 'number' && node < 0 ? errorName(-node, platform) : undefined;
  return error === undefined ? [] : errorsLike(error, platform).map(name => `-${name}`);
}
