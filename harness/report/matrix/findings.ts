import { stripVTControlCharacters } from 'node:util';
import { type Colors, createColors } from '../colors.ts';
import type { Report, ReportedDivergence } from '../report-schema.ts';
import { explainDivergence } from './explain.ts';
import type { RenderOptions } from './render.ts';

export interface FindingsOptions extends RenderOptions {
  /** Leave out what the fixtures declare. */
  readonly onlyUnexpected?: boolean;
  /** Break lines that are wider than a terminal; elsewhere a finding stays one line. */
  readonly wrap: boolean;
}

/** One line a row: of a row whose verdicts differ as declared, the reasons say nothing new. */
function expectedDivergences({ divergences }: Report): ReportedDivergence[] {
  const subjectOf = (each: ReportedDivergence) => `${each.fixture}\n${each.subject}`;
  const expected = divergences.filter(each => each.expected);
  const explained = new Set(expected.filter(each => each.field === 'verdict').map(subjectOf));
  return expected.filter(each => each.field !== 'reason' || !explained.has(subjectOf(each)));
}

/** What stands below the matrix: a line for each difference and each failure, the worst last. */
export function renderFindings(report: Report, options: FindingsOptions): string {
  const colors = createColors(options.color);
  const width = options.wrap ? options.columns : Number.POSITIVE_INFINITY;
  const expected = expectedDivergences(report);
  const unexpected = report.divergences.filter(each => !each.expected);
  const lines = [
    ...(options.onlyUnexpected
      ? []
      : expected.map(each => `${colors.yellow('~')} ${explainDivergence(report, each)}`)),
    ...unexpected.map(each => `${colors.red(colors.bold('≠'))} ${explainDivergence(report, each)}`),
    ...failedExpectations(report, colors),
    ...infrastructure(report, colors),
  ];
  return lines.length === 0 ? '' : `\n${lines.map(line => `${wrapLine(line, width)}\n`).join('')}`;
}

function failedExpectations(report: Report, colors: Colors): string[] {
  return report.failedExpectations.map(each => {
    const result = report.fixtures.find(({ id }) => id === each.fixture)?.results[each.target];
    const reason = result?.programs[each.program]?.reason;
    const said =
      reason === null || reason === undefined ? each.actual : `${each.actual} (${reason})`;
    const what = `${each.fixture} › ${each.program}: expected ${each.expected}`;
    return `${colors.red(colors.bold('✗'))} ${what} on ${each.target}, got ${said}; declared at ${each.declaredAt}`;
  });
}

function infrastructure(report: Report, colors: Colors): string[] {
  const sign = colors.magenta('!');
  const targets = report.targets.flatMap(({ id, error }) =>
    error === undefined
      ? []
      : [`${sign} ${error.message.startsWith(id) ? '' : `${id}: `}${error.message}`],
  );
  const results = report.fixtures.flatMap(fixture =>
    Object.entries(fixture.results).flatMap(([target, result]) =>
      result.status === 'infra'
        ? [`${sign} ${target}: ${fixture.id}: ${result.error.message}`]
        : [],
    ),
  );
  return [...targets, ...results];
}

/** Breaks a finding between words; further lines are indented below its first. */
function wrapLine(line: string, width: number): string {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    const indent = lines.length === 0 ? '' : '    ';
    const longer = current === '' ? indent + word : `${current} ${word}`;
    if (stripVTControlCharacters(longer).length <= width || current.trim() === '') current = longer;
    else {
      lines.push(current);
      current = `    ${word}`;
    }
  }
  return [...lines, current].join('\n');
}
