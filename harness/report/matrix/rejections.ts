import { createColors } from '../colors.ts';
import type { Report, ReportedSource } from '../report-schema.ts';
import { describeReasons } from './explanations.ts';
import type { RenderOptions } from './render.ts';
import { renderSource } from './source-excerpt.ts';
import { answerIn, subjectName } from './subjects.ts';
import { describeTargets } from './targets.ts';

/** What targets reject at one place, and of which at least one should not, or not so. */
interface Rejection {
  readonly fixture: string;
  readonly program: string;
  /** In the order of the report. */
  readonly targets: readonly string[];
  readonly source: ReportedSource;
}

/** More than these are not read; the report has them all. */
const MAX_SHOWN = 10;

export interface RejectionsOptions extends RenderOptions {
  /** Cut lines that are wider than a terminal. */
  readonly wrap: boolean;
}

/** Where in their sources programs are rejected unexpectedly, each place once for all targets that agree on it. */
export function renderRejections(report: Report, options: RejectionsOptions): string {
  const all = findRejections(report);
  const hidden = all.length - MAX_SHOWN;
  const blocks = all.slice(0, MAX_SHOWN).map(each => renderRejection(report, each, options));
  const rest = `\n… and ${hidden} more rejections (see --reporter json)\n`;
  return blocks.join('') + (hidden > 0 ? rest : '');
}

function renderRejection(report: Report, rejection: Rejection, options: RejectionsOptions) {
  const colors = createColors(options.color);
  const { fixture, program, targets, source } = rejection;
  const answered = report.targets
    .map(({ id }) => id)
    .filter(id => answerOn(report, rejection, id) !== undefined);
  const where = describeTargets(report, targets, answered);
  const place = where === 'everywhere' ? where : `on ${where}`;
  const newest = describeTargets(report, targets.slice(-1), answered);
  const width = options.wrap ? options.columns : Number.POSITIVE_INFINITY;
  const reasons = describeReasons(report, { fixture, subject: program }, targets);
  const name = colors.bold(subjectName(report, fixture, program));
  const lines = [
    `${colors.red('✗')} ${name}, rejected ${place}: ${reasons}`,
    ...renderSource(source, { colors, on: newest, width }),
  ];
  return `\n${lines.map(line => `${line}\n`).join('')}`;
}

function findRejections(report: Report): Rejection[] {
  return [...unexpectedTargets(report).values()].flatMap(subject => {
    const all = report.targets.map(({ id }) => id);
    const byPlace = Map.groupBy(all, id => placeOf(answerOn(report, subject, id)?.source));
    const concerned = [...byPlace].filter(([, same]) => same.some(id => subject.targets.has(id)));
    return concerned.flatMap(([, targets]) => {
      const source = answerOn(report, subject, targets.at(-1) ?? '')?.source ?? null;
      if (source === null) return [];
      return [{ fixture: subject.fixture, program: subject.program, targets, source }];
    });
  });
}

function placeOf(source: ReportedSource | null | undefined): string {
  if (source === null || source === undefined) return '';
  const { at, function: name, insn } = source;
  return JSON.stringify(at === null ? [name, insn] : [name, at.file, at.line, at.column]);
}

interface Subject {
  readonly fixture: string;
  readonly program: string;
}

/** The programs of which something is not as declared, with the targets concerned. */
function unexpectedTargets(report: Report): Map<string, Subject & { targets: Set<string> }> {
  const found = new Map<string, Subject & { targets: Set<string> }>();
  const add = (fixture: string, program: string, targets: readonly string[]) => {
    const key = JSON.stringify([fixture, program]);
    const known = found.get(key) ?? { fixture, program, targets: new Set<string>() };
    for (const target of targets) known.targets.add(target);
    found.set(key, known);
  };
  const isOfVerdict = ({ field }: { field: string }) => field === 'verdict' || field === 'reason';
  for (const each of report.divergences.filter(isOfVerdict)) {
    if (!each.expected) add(each.fixture, each.subject, Object.keys(each.values));
  }
  for (const each of report.failedExpectations.filter(isOfVerdict)) {
    add(each.fixture, each.subject, [each.target]);
  }
  for (const each of report.baseline?.changes.filter(isOfVerdict) ?? []) {
    if (each.effect === 'regression') add(each.fixture, each.subject, [each.target]);
  }
  return found;
}

function answerOn(report: Report, { fixture, program }: Subject, target: string) {
  const results = report.fixtures.find(({ id }) => id === fixture)?.results;
  return answerIn(results?.[target], program);
}
