import { matchesTargetRange, parseTargetRange } from '../config/target-range.ts';
import { type Fixture, programNames } from '../fixtures/fixture.ts';
import { ownProperty } from '../own-property.ts';
import { WHOLE_OBJECT } from '../run/observation.ts';
import type { ComparedTarget, ExpectedField } from './divergence.ts';
import type { Place } from './place.ts';

type Ranges = readonly string[];

/** One thing that a fixture declares, on all targets or on some. */
export interface Expectation {
  /** As that of a fact. */
  readonly subject: string;
  readonly field: ExpectedField;
  /** What `mismatches` takes. */
  readonly matcher: unknown;
  /** Ranges of targets: of each list one must fit. Empty for every target. */
  readonly on: readonly Ranges[];
  readonly place: Place;
  /** That a step succeeds, which follows from what is expected to come of it. */
  readonly isImplied?: true;
}

/** What declarations call the object as a whole, unless it has a program of that name. */
export const OBJECT = 'object';

function named(fixture: Fixture, expectation: Expectation): Expectation {
  const isWhole = expectation.subject === OBJECT && !programNames(fixture).includes(OBJECT);
  return isWhole ? { ...expectation, subject: WHOLE_OBJECT } : expectation;
}

/** All that a fixture declares: in comments of its source, in the steps of its scenario, and beside them. */
export function expectationsOf(fixture: Fixture): Expectation[] {
  const { declared, scenario } = fixture;
  const inSource = declared.map(({ program, verdict, range, line }): Expectation => {
    const place = { kind: 'source', line } as const;
    return { subject: program, field: 'verdict', matcher: verdict, on: [[range]], place };
  });
  if (scenario === null) return inSource.map(each => named(fixture, each));
  const names = scenario.steps.filter(step => !step.isSeed).map(step => step.name);
  const { steps, expect, compare } = scenario.scenario;
  const inSteps = steps.flatMap((step, index) =>
    step.expect.flatMap((each, at) => {
      const list = step.expect.length > 1 ? `[${at}]` : '';
      return ofStep(names[index] ?? '', each, {
        on: toOn(each.on),
        path: `steps[${index}].expect${list}`,
      });
    }),
  );
  const beside = expect.flatMap((each, at) =>
    ofEntry(each, { on: toOn(each.on), path: expect.length > 1 ? `expect[${at}]` : 'expect' }),
  );
  const mayFail = ({ subject }: Expectation) =>
    ownProperty(compare.steps, subject.slice('step '.length))?.ignore.some(isOutcome);
  const inScenario = [...inSteps, ...beside].filter(each => !each.isImplied || !mayFail(each));
  return [...inSource, ...inScenario].map(each => named(fixture, each));
}

/** What of a step says whether it succeeded. */
export function isOutcome(field: string): boolean {
  return field === 'errno' || field === 'status';
}

/**
 * The expectations that are about a target. That a step succeeds because it is expected to give something counts only
 * where nothing else lets it fail.
 */
export function expectationsOn(
  declared: readonly Expectation[],
  target: ComparedTarget,
): Expectation[] {
  const about = declared.filter(each => isAbout(each, target));
  const giving = new Set(about.filter(each => each.isImplied).map(entryOf));
  const lettingFail = about.filter(
    each =>
      !each.isImplied &&
      (each.field === 'errno' || (each.field === 'message' && !giving.has(entryOf(each)))),
  );
  const mayFail = new Set(lettingFail.map(({ subject }) => subject));
  return about.filter(each => !each.isImplied || !mayFail.has(each.subject));
}

/** What is written together: a place without its last key. */
function entryOf({ place }: Expectation): string {
  return place.kind === 'scenario' ? place.path.replace(/\.\w+$/, '') : '';
}

function isAbout({ on }: Expectation, target: ComparedTarget): boolean {
  const { platform, upstream } = target;
  const fits = (range: string) =>
    matchesTargetRange(parseTargetRange(range), { platform, upstream });
  return on.every(ranges => ranges.some(fits));
}

type Entry = NonNullable<Fixture['scenario']>['scenario']['expect'][number];
type StepEntry = NonNullable<Entry['steps']>[string];

interface Written {
  readonly on: readonly Ranges[];
  readonly path: string;
}

function toOn(on: Ranges | undefined): readonly Ranges[] {
  return on === undefined ? [] : [on];
}

function ofEntry(entry: Entry, written: Written): Expectation[] {
  const { program, maps = {}, variables = {}, steps = {} } = entry;
  const { path, on } = written;
  const values = (kind: 'map' | 'variable', matchers: Readonly<Record<string, unknown>>) =>
    Object.entries(matchers).map(([name, matcher]) => {
      const place = scenarioPlace(member(`${path}.${kind}s`, name));
      return { subject: `${kind} ${name}`, field: 'value' as const, matcher, on, place };
    });
  return [
    ...(program === undefined ? [] : ofProgram(program, entry, written)),
    ...values('map', maps),
    ...values('variable', variables),
    ...Object.entries(steps).flatMap(([name, each]) =>
      ofStep(name, each, { on: [...on, ...toOn(each.on)], path: member(`${path}.steps`, name) }),
    ),
  ];
}

const PROGRAM_FIELDS = ['verdict', 'reason', 'errno', 'insns', 'states', 'stack'] as const;
const STEP_FIELDS = ['errno', 'message', 'retval', 'dataOut', 'value'] as const;
/** What only a step that succeeds gives. */
const RESULT_FIELDS = ['retval', 'dataOut', 'value'] as const;

function ofProgram(subject: string, entry: Entry, { on, path }: Written): Expectation[] {
  return PROGRAM_FIELDS.filter(field => entry[field] !== undefined).map(field => ({
    ...{ subject, field, on, place: scenarioPlace(`${path}.${field}`) },
    matcher: field === 'reason' ? textMatcher(entry.reason) : entry[field],
  }));
}

function ofStep(name: string, entry: StepEntry, { on, path }: Written): Expectation[] {
  const matchers = {
    ...{ retval: entry.retval, dataOut: entry.dataOut, value: entry.value },
    errno: entry.errno === null ? 'ok' : entry.errno,
    message: entry.message === undefined ? undefined : textMatcher(entry.message),
  };
  const subject = `step ${name}`;
  const written = STEP_FIELDS.filter(field => matchers[field] !== undefined);
  const result = RESULT_FIELDS.find(field => matchers[field] !== undefined);
  const isImplied = result !== undefined && matchers.errno === undefined;
  return [
    ...(isImplied ? [succeeds({ subject, on, place: scenarioPlace(`${path}.${result}`) })] : []),
    ...written.map(field => ({
      ...{ subject, field, matcher: matchers[field], on },
      place: scenarioPlace(`${path}.${field}`),
    })),
  ];
}

function succeeds(step: Pick<Expectation, 'subject' | 'on' | 'place'>): Expectation {
  return { ...step, field: 'errno', matcher: 'ok', isImplied: true };
}

function textMatcher(text: string | RegExp | undefined): unknown {
  return typeof text === 'string' ? { contains: text } : text;
}

function scenarioPlace(path: string): Place {
  return { kind: 'scenario', path };
}

/** A member of a path, as `formatPath` of the scenarios writes it. */
export function member(path: string, name: string): string {
  return /^[\w$.]+$/.test(name) ? `${path}.${name}` : `${path}['${name}']`;
}
