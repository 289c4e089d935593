import { answerIn, explanationOn, programsOf } from './matrix/subjects.ts';
import type { Report, ReportedFixture, ReportedProgram, ReportedTarget } from './report-schema.ts';
import type { CreateReporter } from './reporter.ts';
import { xmlAttribute, xmlText } from './sinks/xml.ts';
import { isToldByFailure } from './told-by-failure.ts';

/** A case of JUnit's for each program and each scenario on each target; a suite for each target. */
export const createJUnitReporter: CreateReporter = output => ({
  onReport(report) {
    output.write(renderJUnit(report));
  },
});

interface Case {
  readonly name: string;
  readonly fixture: string;
  readonly seconds: number;
  readonly outcome:
    | { readonly kind: 'passed' | 'skipped'; readonly message: string }
    | { readonly kind: 'failure' | 'error'; readonly message: string };
}

export function renderJUnit(report: Report): string {
  const suites = [...brokenSuite(report), ...report.targets.map(target => suiteOf(report, target))];
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;
}

/** What could not be run is one case, not one for each target. */
function brokenSuite(report: Report): string[] {
  const cases = report.fixtures.flatMap(({ id, error }): Case[] => {
    if (error === undefined) return [];
    const { message, hint, output } = error;
    const text = [message, ...(output === null ? [hint ?? ''] : [output])].join('\n').trim();
    return [{ name: id, fixture: id, seconds: 0, outcome: { kind: 'error', message: text } }];
  });
  return cases.length === 0 ? [] : [renderSuite('fixtures', report, cases)];
}

function suiteOf(report: Report, target: ReportedTarget): string {
  const fixtures = report.fixtures.filter(({ error }) => error === undefined);
  const cases = fixtures.flatMap(fixture => casesOf(report, fixture, target));
  return renderSuite(target.id, report, cases);
}

function renderSuite(name: string, report: Report, cases: readonly Case[]): string {
  const count = (kind: Case['outcome']['kind']) =>
    cases.filter(({ outcome }) => outcome.kind === kind).length;
  const attributes = {
    ...{ name, tests: cases.length, timestamp: report.startedAt },
    ...{ failures: count('failure'), errors: count('error'), skipped: count('skipped') },
    time: seconds(cases.reduce((sum, each) => sum + each.seconds, 0)),
  };
  const body = cases.map(renderCase).join('');
  return `  <testsuite${renderAttributes(attributes)}>\n${body}  </testsuite>\n`;
}

function casesOf(report: Report, fixture: ReportedFixture, target: ReportedTarget): Case[] {
  const result = fixture.results[target.id];
  const { id } = fixture;
  if (result === undefined || result.status === 'infra') {
    const message = result?.error.message ?? target.error?.message ?? 'there is no answer';
    return [{ name: id, fixture: id, seconds: 0, outcome: { kind: 'error', message } }];
  }
  if (result.status === 'unsupported') {
    const outcome = { kind: 'skipped', message: result.reason } as const;
    return [{ name: id, fixture: id, seconds: 0, outcome }];
  }
  const programs = programsOf(fixture);
  const ofPrograms = programs.map(program =>
    programCase(report, {
      fixture,
      program,
      target: target.id,
      answer: answerIn(result, program),
    }),
  );
  const others = problemsOf(
    report,
    { fixture: id, target: target.id },
    each => !programs.includes(each),
  );
  if (result.steps.length === 0 && others.length === 0) return ofPrograms;
  const outcome =
    others.length === 0
      ? ({ kind: 'passed', message: '' } as const)
      : ({ kind: 'failure', message: others.join('\n') } as const);
  return [
    ...ofPrograms,
    { name: 'scenario', fixture: id, seconds: result.durationMs / 1000, outcome },
  ];
}

interface ProgramCase {
  readonly fixture: ReportedFixture;
  readonly program: string;
  readonly target: string;
  readonly answer: ReportedProgram | undefined;
}

function programCase(
  report: Report,
  { fixture: { id }, program, target, answer }: ProgramCase,
): Case {
  const seconds = (answer?.loadMs ?? 0) / 1000;
  const problems = problemsOf(report, { fixture: id, target }, each => each === program);
  const common = { name: program, fixture: id, seconds };
  if (problems.length > 0) {
    return { ...common, outcome: { kind: 'failure', message: problems.join('\n') } };
  }
  if (answer?.verdict === 'unsupported') {
    return { ...common, outcome: { kind: 'skipped', message: answer.reason ?? '' } };
  }
  return { ...common, outcome: { kind: 'passed', message: '' } };
}

interface Where {
  readonly fixture: string;
  readonly target: string;
}

/** What is unexpected of some subjects on a target, a line each. A difference is one of all targets in it. */
function problemsOf(
  report: Report,
  { fixture, target }: Where,
  isOf: (subject: string) => boolean,
): string[] {
  const failed = report.failedExpectations
    .filter(each => each.fixture === fixture && each.target === target && isOf(each.subject))
    .map(each => {
      const { subject, field, expected, actual, declaredAt, undeclared } = each;
      const said = field === 'verdict' ? explanationOn(report, each, [target]) : null;
      const got = said === null ? actual : `${actual}: ${said}`;
      const where = undeclared ? `nothing declares it; ${declaredAt}` : declaredAt;
      return `${subject}, ${field}: expected ${expected}, got ${got} (${where})`;
    });
  const differing = report.divergences
    .filter(each => each.fixture === fixture && !each.expected && target in each.values)
    .filter(each => isOf(each.subject) && !isToldByFailure(each, report.failedExpectations))
    .map(({ subject, field, values }) => {
      const said = Object.entries(values).map(([id, value]) => `${id}: ${value}`);
      return `${subject}, ${field} differs: ${said.join(' · ')}`;
    });
  const regressions = (report.baseline?.changes ?? [])
    .filter(each => each.effect === 'regression' && each.fixture === fixture)
    .filter(each => each.target === target && isOf(each.subject))
    .map(
      ({ subject, field, before, after }) => `${subject}, ${field}: ${before} before, now ${after}`,
    );
  return [...failed, ...differing, ...regressions];
}

function renderCase({ name, fixture, seconds: time, outcome }: Case): string {
  const attributes = { classname: fixture, name, time: seconds(time) };
  const start = `    <testcase${renderAttributes(attributes)}`;
  if (outcome.kind === 'passed') return `${start}/>\n`;
  const [first = ''] = outcome.message.split('\n');
  const message = renderAttributes({ message: first });
  const inside =
    outcome.kind === 'skipped'
      ? `<skipped${message}/>`
      : `<${outcome.kind}${message}>${xmlText(outcome.message)}</${outcome.kind}>`;
  return `${start}>\n      ${inside}\n    </testcase>\n`;
}

function renderAttributes(attributes: Readonly<Record<string, string | number>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${xmlAttribute(String(value))}"`)
    .join('');
}

function seconds(value: number): string {
  return value.toFixed(3);
}
