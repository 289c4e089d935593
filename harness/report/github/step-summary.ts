import { createColors } from '../colors.ts';
import { explainBaseline } from '../matrix/baseline.ts';
import { explainBroken } from '../matrix/broken.ts';
import { cellOf, costOf, scenarioSign, signOf } from '../matrix/cells.ts';
import { explainDivergences } from '../matrix/explain.ts';
import { explainFailures } from '../matrix/failures.ts';
import type { Finding } from '../matrix/finding.ts';
import { expectedDivergences, explainInfrastructure } from '../matrix/findings.ts';
import { type Difference, type Row, rowsOf } from '../matrix/rows.ts';
import { renderSummary } from '../matrix/summary.ts';
import { nameOf } from '../matrix/targets.ts';
import { explainWindows } from '../matrix/windows.ts';
import type { Report } from '../report-schema.ts';
import { markdownText } from '../sinks/markdown.ts';
import { isToldByFailure } from '../told-by-failure.ts';
import { plainText } from './annotations.ts';

/** GitHub refuses a summary of more than 1 MiB as a whole. */
const MAX_BYTES = 1024 * 1024;
/** For what is written after what was cut. */
const RESERVE = 4096;

const COLORLESS = createColors(false);

/**
 * The report as a page for GitHub's step summary: what is unexpected, the matrix, what is as declared. What makes
 * it longer than `maxBytes` is left out, and how much that is is said.
 */
export function renderStepSummary(report: Report, maxBytes = MAX_BYTES): string {
  const page = new Page(maxBytes - RESERVE);
  const total = renderSummary(report, { color: false }).trim();
  page.add([`### crossbpf: ${markdownText(total)}`, '']);
  page.list('', '≠', [
    ...explainDivergences(report, unexpectedDivergences(report)),
    ...explainFailures(report),
    ...explainBaseline(report).regressions,
  ]);
  page.list('', '!', [...explainInfrastructure(report), ...explainBroken(report)]);
  page.add(['', ...tableHead(report)]);
  page.addSome(rowsOf(report).map(row => tableRow(report, row)));
  const declared = explainDivergences(report, expectedDivergences(report));
  const others = [...explainBaseline(report).improvements, ...explainWindows(report)];
  page.list(`${declared.length + others.length} as declared`, '~', [...declared, ...others]);
  return page.text();
}

function unexpectedDivergences({ divergences, failedExpectations }: Report) {
  return divergences.filter(each => !each.expected && !isToldByFailure(each, failedExpectations));
}

/** Lines up to a number of bytes. */
class Page {
  readonly #maxBytes: number;
  readonly #lines: string[] = [];
  #bytes = 0;
  #left = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Lines that belong together: all of them, or none. */
  add(lines: readonly string[]): boolean {
    const bytes = Buffer.byteLength(lines.join('\n')) + 1;
    if (this.#left > 0 || this.#bytes + bytes > this.#maxBytes) {
      this.#left += lines.length;
      return false;
    }
    this.#lines.push(...lines);
    this.#bytes += bytes;
    return true;
  }

  addSome(lines: readonly string[]): void {
    for (const line of lines) this.add([line]);
  }

  /** A list, folded under a title where it has one. */
  list(title: string, sign: string, findings: readonly Finding[]): void {
    if (findings.length === 0) return;
    const items = findings.map(finding => `- ${sign} ${markdownText(plainText(finding))}`);
    if (title === '') return this.addSome(items);
    if (!this.add(['', '<details>', `<summary>${title}</summary>`, ''])) {
      this.#left += items.length;
      return;
    }
    this.addSome(items);
    this.#lines.push('', '</details>');
  }

  text(): string {
    const rest = `… ${this.#left} more lines are left out: GitHub takes 1 MiB. The report has them all (--reporter json).`;
    const lines = this.#left === 0 ? this.#lines : [...this.#lines, '', rest];
    return `${lines.join('\n')}\n`;
  }
}

function tableHead(report: Report): string[] {
  const names = report.targets.map(target => markdownText(nameOf(report, target)));
  return [`| | ${names.join(' | ')} |`, `|---|${names.map(() => '---').join('|')}|`];
}

const MARKS: Readonly<Record<Difference, string>> = { none: '', expected: '~ ', unexpected: '≠ ' };

function tableRow(report: Report, row: Row): string {
  if (row.kind === 'heading')
    return `| **${markdownText(row.label)}** |${' |'.repeat(report.targets.length)}`;
  if (row.kind === 'broken') {
    const cells = report.targets.map((_, index) => (index === 0 ? markdownText(row.message) : ''));
    return `| **! ${markdownText(row.label)}** | ${cells.join(' | ')} |`;
  }
  const indent = '&emsp;'.repeat((row.label.length - row.label.trimStart().length) / 2);
  const label = `${MARKS[row.difference]}${markdownText(row.label.trim())}`;
  const isBold = row.difference === 'unexpected';
  const cells = report.targets.map(({ id }) => cellText(report, row, id));
  return `| ${indent}${isBold ? `**${label}**` : label} | ${cells.join(' | ')} |`;
}

function cellText(
  report: Report,
  row: Exclude<Row, { kind: 'heading' | 'broken' }>,
  target: string,
): string {
  if (row.kind === 'scenario') {
    return scenarioSign(report, row.fixture, { target, colors: COLORLESS });
  }
  const cell = cellOf(row.fixture.results[target], row.program);
  return `${signOf(cell, COLORLESS)} ${costOf(cell)}`.trim();
}
