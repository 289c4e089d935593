import { type Colors, createColors } from '../colors.ts';
import type { Report } from '../report-schema.ts';
import { cellOf, costOf, scenarioSign, signOf } from './cells.ts';
import { type Column, type Layout, layOut } from './columns.ts';
import { type Difference, type Row, rowsOf } from './rows.ts';

export interface RenderOptions {
  /** Characters in a line. */
  readonly columns: number;
  readonly color: boolean;
}

/** The table: a row a program, a column a target, in as many blocks as the width asks for. */
export function renderMatrix(report: Report, options: RenderOptions): string {
  const rows = rowsOf(report);
  const layout = layOut(
    report,
    rows.flatMap(row => (row.kind === 'heading' ? [] : [row.label])),
    options.columns,
  );
  const colors = createColors(options.color);
  const blocks: string[] = [];
  for (let from = 0; from < layout.columns.length; from += layout.perBlock) {
    const columns = layout.columns.slice(from, from + layout.perBlock);
    const lines = [
      ...renderHead(columns, layout, colors),
      ...rows.map(row => renderRow(row, { report, columns, layout, colors })),
    ];
    blocks.push(lines.map(line => `${line.trimEnd()}\n`).join(''));
  }
  return blocks.join('\n');
}

function renderHead(columns: readonly Column[], layout: Layout, colors: Colors): string[] {
  const gap = ' '.repeat(layout.gap);
  const height = Math.max(...columns.map(({ head }) => head.length));
  return Array.from({ length: height }, (_, line) => {
    const cells = columns.map(({ head }) => (gap + (head[line] ?? '')).padEnd(layout.cellWidth));
    return ' '.repeat(2 + layout.labelWidth) + colors.bold(cells.join(''));
  });
}

interface RowPlace {
  readonly report: Report;
  readonly columns: readonly Column[];
  readonly layout: Layout;
  readonly colors: Colors;
}

function renderRow(row: Row, place: RowPlace): string {
  const { columns, layout, colors } = place;
  const label = toWidth(row.label, layout.labelWidth);
  if (row.kind === 'heading') return `  ${colors.dim(row.label)}`;
  if (row.kind === 'broken') {
    return `${colors.magenta('!')} ${label}${' '.repeat(layout.gap)}${colors.magenta(row.message)}`;
  }
  const cells = columns.map(({ target }) => renderCell(row, target, place));
  const { mark, text } = emphasis(row.difference, label, colors);
  return `${mark} ${text}${cells.join('')}`;
}

type AnsweredRow = Exclude<Row, { kind: 'heading' | 'broken' }>;

function renderCell(row: AnsweredRow, target: string, place: RowPlace): string {
  const { report, layout, colors } = place;
  const gap = ' '.repeat(layout.gap);
  const width = layout.cellWidth - layout.gap - 1;
  if (row.kind === 'scenario') {
    return `${gap}${scenarioSign(report, row.fixture, { target, colors })}${' '.repeat(width)}`;
  }
  const cell = cellOf(row.fixture.results[target], row.program);
  const cost = layout.cost ? costOf(cell) : '';
  return `${gap}${signOf(cell, colors)}${colors.dim(` ${cost}`.padEnd(width))}`;
}

/** A row on which targets differ stands out, more so when nothing declares it. */
function emphasis(difference: Difference, label: string, colors: Colors) {
  switch (difference) {
    case 'none':
      return { mark: ' ', text: label };
    case 'expected':
      return { mark: colors.yellow('~'), text: colors.yellow(label) };
    case 'unexpected':
      return { mark: colors.red(colors.bold('≠')), text: colors.red(colors.bold(label)) };
  }
}

function toWidth(label: string, width: number): string {
  return label.length > width ? `${label.slice(0, width - 1)}…` : label.padEnd(width);
}
