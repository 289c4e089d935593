import { WHOLE_OBJECT } from '../../run/observation.ts';
import { NO_NETWORK } from '../../run/step-observation.ts';
import { createColors } from '../colors.ts';
import type { Report, ReportedDivergence, ReportedExpectation } from '../report-schema.ts';
import { isToldByFailure } from '../told-by-failure.ts';
import { explainBaseline } from './baseline.ts';
import { explainBroken } from './broken.ts';
import { explainDivergences } from './explain.ts';
import { explainFailures } from './failures.ts';
import { type Finding, renderFinding } from './finding.ts';
import { explainNotes } from './notes.ts';
import type { RenderOptions } from './render.ts';
import { nameOf } from './targets.ts';
import { explainWindows } from './windows.ts';

export interface FindingsOptions extends RenderOptions {
  /** Leave out what the fixtures declare. */
  readonly onlyUnexpected?: boolean;
  /** Break lines that are wider than a terminal; elsewhere a finding stays one line. */
  readonly wrap: boolean;
}

/** What stands below the matrix: each difference and each failure, the worst last. */
export function renderFindings(report: Report, options: FindingsOptions): string {
  const colors = createColors(options.color);
  const width = options.wrap ? options.columns : Number.POSITIVE_INFINITY;
  const expected = options.onlyUnexpected ? [] : expectedDivergences(report);
  const unexpected = report.divergences.filter(
    each => !each.expected && !isToldByFailure(each, report.failedExpectations),
  );
  const { improvements, regressions, note } = explainBaseline(report);
  const all: readonly (readonly [string, readonly Finding[]])[] = [
    [colors.dim('·'), options.onlyUnexpected ? [] : explainNotes(report)],
    [colors.dim('–'), options.onlyUnexpected ? [] : explainWindows(report)],
    [colors.yellow('~'), explainDivergences(report, expected)],
    [colors.green('↓'), options.onlyUnexpected ? [] : improvements],
    [colors.red(colors.bold('≠')), explainDivergences(report, unexpected)],
    [colors.red(colors.bold('✗')), [...explainFailures(report), ...regressions]],
    [colors.magenta('!'), [...explainInfrastructure(report), ...explainBroken(report)]],
    [colors.dim('→'), [...withoutNetwork(report), ...howToDeclare(report, unexpected), ...note]],
  ];
  const lines = all.flatMap(([sign, findings]) =>
    findings.flatMap(finding => renderFinding(finding, { sign, width })),
  );
  return lines.length === 0 ? '' : `\n${lines.map(line => `${line}\n`).join('')}`;
}

/** Of a row whose verdicts differ as declared, the reasons say nothing new. */
export function expectedDivergences({ divergences }: Report): ReportedDivergence[] {
  const subjectOf = (each: ReportedDivergence) => `${each.fixture}\n${each.subject}`;
  const expected = divergences.filter(each => each.expected);
  const explained = new Set(expected.filter(each => each.field === 'verdict').map(subjectOf));
  return expected.filter(each => each.field !== 'reason' || !explained.has(subjectOf(each)));
}

/** Which kernels lack what most network steps need. Some of Debian's packages have no modules. */
function withoutNetwork(report: Report): Finding[] {
  const lacking = report.targets.filter(({ id }) =>
    report.fixtures.some(({ results }) => {
      const result = results[id];
      return result?.status === 'ran' && result.steps.some(({ message }) => message === NO_NETWORK);
    }),
  );
  if (lacking.length === 0) return [];
  const names = lacking.map(target => nameOf(report, target)).join(', ');
  const text = `${names} cannot make a scenario's network: veth is neither built in nor among the modules of the package. Declare what fails there (on), or leave it out`;
  return [{ text, details: [] }];
}

/** What to do about a difference, or a refusal, that is meant. */
function howToDeclare(report: Report, unexpected: readonly ReportedDivergence[]): Finding[] {
  const verdicts = [
    ...unexpected.filter(({ field }) => field === 'verdict' || field === 'reason'),
    ...report.failedExpectations.filter(each => each.undeclared && each.field === 'verdict'),
  ];
  const concerned = new Set(verdicts.map(({ fixture }) => fixture));
  const isSource = report.fixtures
    .filter(({ id }) => concerned.has(id))
    .map(({ source }) => source.endsWith('.c'));
  const isUntyped = report.fixtures.some(({ results }) =>
    Object.values(results).some(({ programs }) =>
      Object.values(programs ?? {}).some(({ reason }) => reason?.startsWith(WITHOUT_TYPE)),
    ),
  );
  const isElsewhere =
    unexpected.some(
      ({ field }) => field !== 'verdict' && field !== 'reason' && field !== 'kernelLog',
    ) || report.failedExpectations.some(each => each.undeclared && failsOnSome(report, each));
  const isWhole = verdicts.every(({ subject }) => subject === WHOLE_OBJECT);
  const hints = [
    isUntyped &&
      'a program whose section does not say its type gets one in the source, // crossbpf: type PROGRAM socket_filter, or by --type PROGRAM=socket_filter',
    isSource.includes(true) &&
      `a verdict that is meant is declared in the source: // crossbpf: expect ${isWhole ? 'object' : 'PROGRAM'} reject linux <6.9`,
    isSource.includes(false) &&
      'a verdict that is meant is declared beside the object, in NAME.scenario.json: {"expect": {"on": "linux <6.9", "program": "PROGRAM", "verdict": "reject"}}',
    isElsewhere &&
      'a difference that is meant is declared in the scenario: expect, with on for a range of targets, or compare',
  ];
  return hints.flatMap(text => (text === false ? [] : [{ text, details: [] }]));
}

/** How the reason begins of a program that has no type. */
const WITHOUT_TYPE = 'no program type for section';

/** Whether a step fails on some targets and not on others. */
function failsOnSome({ divergences }: Report, { fixture, subject, field }: ReportedExpectation) {
  return divergences.some(
    each =>
      each.fixture === fixture &&
      each.subject === subject &&
      field === 'errno' &&
      each.field === 'errno',
  );
}

/** Targets and answers that could not be had, and why. */
export function explainInfrastructure(report: Report): Finding[] {
  const targets = report.targets.flatMap(({ id, error }) =>
    error === undefined ? [] : [`${error.message.startsWith(id) ? '' : `${id}: `}${error.message}`],
  );
  const results = report.fixtures.flatMap(fixture =>
    Object.entries(fixture.results).flatMap(([target, result]) =>
      result.status === 'infra' ? [`${target}: ${fixture.id}: ${result.error.message}`] : [],
    ),
  );
  return [...targets, ...results].map(text => ({ text, details: [] }));
}
