import type { InspectedMap } from '../agent/inspected-object.ts';
import { PLATFORMS } from '../config/platform.ts';
import { badValue, suggest } from '../values/bad-value.ts';
import type { Layout } from '../values/layout.ts';
import type { AnswerShape, BoundStep } from './bound-scenario.ts';
import { canonicalKey, canonicalMatcher, canonicalValue } from './canonical-matcher.ts';
import { formatPath } from './describe-issues.ts';
import { recordLayout } from './encode-entry.ts';
import type { Expectation, ExpectedEntries, StepExpectation } from './expectation-schemas.ts';
import type { Faults } from './faults.ts';
import type { ObjectNames } from './object-names.ts';
import { isError, returnNames, returnNumber } from './return-names.ts';
import type { Scenario } from './scenario-schema.ts';
import type { Matcher } from './value-schemas.ts';

/** A step; without an answer where it has a fault itself. */
type Titled = Pick<BoundStep, 'name'> & { readonly answer?: AnswerShape };

export interface ExpectationInput {
  readonly scenario: Scenario;
  readonly names: ObjectNames;
  /** The user's steps, in order. */
  readonly steps: readonly Titled[];
}

/** The scenario with all that it expects as its types show it. Faults: names that do not exist, values that cannot be. */
export function bindExpectations(input: ExpectationInput, faults: Faults): Scenario {
  const { scenario, steps } = input;
  checkRules(input, faults);
  return {
    ...scenario,
    steps: scenario.steps.map((step, index) => {
      const { answer } = steps[index] ?? {};
      const expect = step.expect.map((each, at) => {
        const path = `steps[${index}].expect[${at}]`;
        return faults.attempt(() => bindStepExpectation(each, answer, path)) ?? each;
      });
      return { ...step, expect };
    }),
    expect: scenario.expect.map((each, index) =>
      bindExpectation(each, `expect[${index}]`, { input, faults }),
    ),
  };
}

interface Binding {
  readonly input: ExpectationInput;
  readonly faults: Faults;
}

function bindExpectation(each: Expectation, path: string, { input, faults }: Binding): Expectation {
  const { names, steps } = input;
  const { program, maps, variables, steps: ofSteps } = each;
  if (program !== undefined && program !== 'object') {
    faults.attempt(() => names.program(program, `${path}.program`));
  }
  const bind = <From, To>(
    part: Readonly<Record<string, From>> | undefined,
    key: string,
    to: (value: From, name: string, at: string) => To,
  ) => {
    if (part === undefined) return {};
    const bound = Object.entries(part).map(([name, value]) => {
      const at = `${path}.${formatPath([key, name])}`;
      return [name, faults.attempt(() => to(value, name, at)) ?? value];
    });
    return { [key]: Object.fromEntries(bound) };
  };
  return {
    ...each,
    // A name that is not there is said by bindDumps.
    ...bind(maps, 'maps', (value, name, at) => {
      const map = names.object.maps.find(known => known.name === name);
      return map === undefined ? value : bindEntries(map, value, at);
    }),
    ...bind(variables, 'variables', (value, name, at) => {
      const known = names.findVariable(name);
      if (known === undefined || isErrorOf(value, known.layout)) return value;
      return canonicalMatcher(value, { ...known, path: at });
    }),
    ...bind(ofSteps, 'steps', (value, name, at) =>
      bindStepExpectation(value, requireStep(steps, name, at).answer, at),
    ),
  };
}

/** Whether `-ENOENT` is expected of a variable that can hold what a helper answers. */
function isErrorOf(value: unknown, layout: Layout | null): boolean {
  if (typeof value !== 'string' || layout?.kind !== 'int' || !layout.signed) return false;
  return PLATFORMS.some(platform => isError(value, platform));
}

function requireStep(steps: ExpectationInput['steps'], name: string, path: string): Titled {
  const found = steps.find(step => step.name === name);
  if (found !== undefined) return found;
  throw badValue(
    path,
    `there is no step named ${name}`,
    suggest(
      name,
      steps.map(step => step.name),
    ),
  );
}

function bindStepExpectation(
  expectation: StepExpectation,
  answer: AnswerShape | undefined,
  path: string,
): StepExpectation {
  if (answer === undefined) return expectation;
  const { retval, dataOut, value } = expectation;
  if (answer.kind !== 'run' && (retval !== undefined || dataOut !== undefined)) {
    const what = retval === undefined ? 'dataOut' : 'retval';
    throw badValue(`${path}.${what}`, 'only a step that runs a program has it');
  }
  if (answer.kind === 'run' && typeof retval === 'string') {
    requireReturnName(retval, answer.programType, `${path}.retval`);
  }
  if (value === undefined) return expectation;
  return { ...expectation, value: bindAnswer(value, answer, `${path}.value`) };
}

function requireReturnName(name: string, programType: string, path: string): void {
  if (PLATFORMS.some(platform => returnNumber(name, { platform, programType }) !== undefined))
    return;
  const known = PLATFORMS.flatMap(platform => returnNames({ platform, programType }));
  const hint =
    known.length === 0 ? "Write a number, or an error such as '-EPERM'." : suggest(name, known);
  throw badValue(path, `a program of type ${programType} does not return ${name}`, hint);
}

function bindAnswer(value: Matcher, answer: AnswerShape, path: string): Matcher {
  switch (answer.kind) {
    case 'value':
      return canonicalValue(answer.map, value, path);
    case 'entries':
      return isEntries(value) ? (bindEntries(answer.map, value, path) as Matcher) : value;
    case 'records': {
      const layout = recordLayout(answer.map);
      if (!Array.isArray(value) || layout === null) return value;
      return value.map((one, index) =>
        canonicalMatcher(one, { layout, size: layout.size, path: `${path}[${index}]` }),
      );
    }
    case 'nothing':
      throw badValue(path, 'the step reads nothing');
    default:
      return value;
  }
}

/** What is expected of a read map, as what is expected of one at the end. */
function isEntries(value: Matcher): value is Matcher & ExpectedEntries {
  const list = Array.isArray(value) ? value : (value as { contains?: unknown } | null)?.contains;
  return Array.isArray(list) && list.every(each => typeof each === 'object' && each !== null);
}

function bindEntries(map: InspectedMap, expected: ExpectedEntries, path: string): ExpectedEntries {
  const isAll = Array.isArray(expected);
  const list = (isAll ? expected : expected.contains).map(({ key, value, ...rest }, index) => {
    const at = `${path}${isAll ? '' : '.contains'}[${index}]`;
    return {
      ...rest,
      ...(key === undefined ? {} : { key: canonicalKey(map, key, `${at}.key`) }),
      ...(value === undefined ? {} : { value: canonicalValue(map, value, `${at}.value`) }),
    };
  });
  return isAll ? list : { contains: list };
}

/** What may differ is of maps, variables and steps that there are. */
function checkRules({ scenario, names, steps }: ExpectationInput, faults: Faults): void {
  const { maps, variables, steps: ofSteps } = scenario.compare;
  const check = (part: object, key: string, find: (name: string, path: string) => unknown) => {
    for (const name of Object.keys(part)) {
      faults.attempt(() => find(name, formatPath(['compare', key, name])));
    }
  };
  check(maps, 'maps', (name, path) => names.map(name, path));
  check(variables, 'variables', (name, path) => names.variable(name, path));
  check(ofSteps, 'steps', (name, path) => requireStep(steps, name, path));
}
