import { explainBaseline } from '../matrix/baseline.ts';
import { firstError } from '../matrix/broken.ts';
import { explainDivergences } from '../matrix/explain.ts';
import { explainFailures } from '../matrix/failures.ts';
import { type Finding, renderFinding } from '../matrix/finding.ts';
import { explainInfrastructure } from '../matrix/findings.ts';
import { answerIn, rootOf } from '../matrix/subjects.ts';
import type { Report, ReportedDivergence, ReportedExpectation } from '../report-schema.ts';
import { commandData, commandProperty } from '../sinks/runner-command.ts';
import { isToldByFailure } from '../told-by-failure.ts';

/** What GitHub shows beside the changed lines of a pull request. */
export interface Annotation {
  /** `error`: something is not as it should be. `warning`: an answer could not be had. */
  readonly kind: 'error' | 'warning';
  readonly message: string;
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
}

interface Place {
  readonly file?: string;
  readonly line?: number;
}

/** GitHub shows so many of a kind for a step, and leaves out the rest without a word. */
const MAX_OF_A_KIND = 10;

/** All that is unexpected, with the place that it is about, the worst first; at most ten of a kind, of which the last says how many more there are. */
export function annotationsOf(report: Report): Annotation[] {
  const errors = [
    ...brokenFixtures(report),
    ...differences(report),
    ...failures(report),
    ...annotate('error', explainBaseline(report).regressions, {}),
  ];
  return [...limit(errors), ...limit(annotate('warning', explainInfrastructure(report), {}))];
}

function brokenFixtures({ fixtures }: Report): Annotation[] {
  return fixtures.flatMap(({ id, source, error }): Annotation[] => {
    if (error === undefined) return [];
    const first = firstError(error);
    const place = first === undefined ? { file: source } : { file: first.file, line: first.line };
    const message = first === undefined ? error.message : `${error.message}: ${first.text}`;
    return [{ kind: 'error', message: `${id}: ${message}`, ...place }];
  });
}

function differences(report: Report): Annotation[] {
  const unexpected = report.divergences.filter(
    each => !each.expected && !isToldByFailure(each, report.failedExpectations),
  );
  const together = Map.groupBy(unexpected, each =>
    JSON.stringify([each.fixture, each.field, rootOf(each)]),
  );
  return [...together.values()].flatMap(same => {
    const [first] = same as [ReportedDivergence];
    return annotate('error', explainDivergences(report, same), rejectedAt(report, first));
  });
}

/** Where a program is rejected on the last target that rejects it; else its fixture. */
function rejectedAt(
  report: Report,
  { fixture: id, subject }: Pick<ReportedDivergence, 'fixture' | 'subject'>,
): Place {
  const fixture = report.fixtures.find(each => each.id === id);
  const answers = report.targets.map(target => answerIn(fixture?.results[target.id], subject));
  const at = answers.findLast(answer => answer?.source?.at != null)?.source?.at;
  if (at != null) return { file: at.file, line: at.line };
  return fixture === undefined ? {} : { file: fixture.source };
}

function failures(report: Report): Annotation[] {
  const together = Map.groupBy(report.failedExpectations, each =>
    JSON.stringify([each.fixture, each.declaredAt, isUndeclaredVerdict(each) && each.subject]),
  );
  return [...together.values()].flatMap(same => {
    const [first] = same as [ReportedExpectation];
    const findings = explainFailures({ ...report, failedExpectations: same });
    const place = isUndeclaredVerdict(first) ? rejectedAt(report, first) : declaredAt(first);
    return annotate('error', findings, place);
  });
}

function isUndeclaredVerdict({ undeclared, field }: ReportedExpectation): boolean {
  return undeclared === true && field === 'verdict';
}

/** `fixtures/loop.scenario.ts:12 (steps[0].expect.retval)`. */
function declaredAt({ declaredAt: text }: ReportedExpectation): Place {
  const [, file, line] = /^(.+?)(?::(\d+))?(?: \(.*\))?$/.exec(text) ?? [];
  return {
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line: Number(line) }),
  };
}

function annotate(kind: Annotation['kind'], findings: readonly Finding[], place: Place) {
  return findings.map((finding): Annotation => ({ kind, message: plainText(finding), ...place }));
}

/** A finding as one line. */
export function plainText(finding: Finding): string {
  const lines = renderFinding(finding, { sign: '', width: Number.POSITIVE_INFINITY });
  return lines.join(' ').trim();
}

function limit(annotations: readonly Annotation[]): Annotation[] {
  const [first] = annotations;
  if (first === undefined || annotations.length <= MAX_OF_A_KIND) return [...annotations];
  const shown = annotations.slice(0, MAX_OF_A_KIND - 1);
  const more = annotations.length - shown.length;
  return [...shown, { kind: first.kind, message: `… and ${more} more: see the step's summary` }];
}

/** A line that GitHub's runner reads as an annotation. */
export function toCommand({ kind, message, file, line }: Annotation): string {
  const properties = [
    ...(file === undefined ? [] : [`file=${commandProperty(file)}`]),
    ...(line === undefined ? [] : [`line=${line}`]),
    'title=crossbpf',
  ];
  return `::${kind} ${properties.join(',')}::${commandData(message)}`;
}
