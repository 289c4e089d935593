import { type Colors, createColors } from '../colors.ts';
import type { Report } from '../report-schema.ts';
import { cellOf, costOf, signOf } from './cells.ts';
import { type Column, type Layout, layOut } from './columns.ts';
import { type Row, rowsOf } from './rows.ts';

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
    rows.flatMap(row => (row.kind === 'program' ? [row.label] : [])),
    options.columns,
  );
  const colors = createColors(options.color);
  const blocks: string[] = [];
  for (let from = 0; from < layout.columns.length; from += layout.perBlock) {
    const columns = layout.columns.slice(from, from + layout.perBlock);
    const lines = [
      ...renderHead(columns, layout, colors),
      ...rows.map(row => renderRow(row, { columns, layout, colors })),
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
  readonly columns: readonly Column[];
  readonly layout: Layout;
  readonly colors: Colors;
}

function renderRow(row: Row, { columns, layout, colors }: RowPlace): string {
  const label = toWidth(row.label, layout.labelWidth);
  if (row.kind === 'heading') return `  ${colors.dim(row.label)}`;
  const cells = columns.map(({ target }) => {
    const cell = cellOf(row.fixture.results[target], row.program);
    const cost = layout.cost ? costOf(cell) : '';
    const rest = ` ${cost}`.padEnd(layout.cellWidth - layout.gap - 1);
    return `${' '.repeat(layout.gap)}${signOf(cell, colors)}${colors.dim(rest)}`;
  });
  const { mark, text } = emphasis(row, label, colors);
  return `${mark} ${text}${cells.join('')}`;
}

/** A row on which targets differ stands out, more so when nothing declares it. */
function emphasis(row: Row & { kind: 'program' }, label: string, colors: Colors) {
  switch (row.difference) {
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
