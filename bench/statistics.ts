/** Smallest, middle and largest of some measurements, in their unit. */
export interface Spread {
  readonly minimum: number;
  readonly median: number;
  readonly maximum: number;
}

export function spread(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b);
  const [minimum, median, maximum] = [
    sorted[0],
    sorted[Math.floor(sorted.length / 2)],
    sorted.at(-1),
  ];
  if (minimum === undefined || median === undefined || maximum === undefined) {
    throw new Error('nothing was measured');
  }
  return { minimum, median, maximum };
}

/** A table in Markdown, its columns padded; the first row is the head. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map(row => (row[column] ?? '').length)));
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |\n`;
  const rule = widths.map(width => '-'.repeat(width));
  return [head, rule, ...rows.slice(1)].map(line).join('');
}
