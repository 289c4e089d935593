import { markdownTable, type Spread, spread } from './statistics.ts';

/** A tool as it is measured; without `one` it cannot be. */
export interface Entrant {
  readonly name: string;
  readonly command?: string;
  readonly remark?: string | undefined;
  /** Asks one kernel. */
  readonly one?: () => Promise<void>;
  /** Asks all kernels. */
  readonly all?: (() => Promise<void>) | undefined;
}

/** Seconds of each round. */
export interface Measured {
  readonly one: number[];
  readonly all: number[];
}

const HEAD = ['', 'one kernel', 'min … max', 'ratio', 'all kernels', 'min … max', 'ratio'];

/** The table, in seconds and in ratios of medians to the first entrant's; below it, what was typed. */
export function comparisonTable(
  entrants: readonly Entrant[],
  measured: ReadonlyMap<string, Measured>,
): string {
  const base = measured.get(entrants[0]?.name ?? '');
  const rows = entrants.map(({ name }) => {
    const samples = measured.get(name) ?? { one: [], all: [] };
    return [name, ...cells(samples.one, base?.one), ...cells(samples.all, base?.all)];
  });
  const notes = entrants.map(({ name, command, remark }) => {
    const parts = [command === undefined ? [] : `\`${command}\``, remark ?? []].flat();
    return `- ${name}: ${parts.join('; ')}\n`;
  });
  return `${markdownTable([HEAD, ...rows])}\n${notes.join('')}`;
}

function cells(samples: readonly number[], base: readonly number[] = []): string[] {
  if (samples.length === 0 || base.length === 0) return ['–', '', ''];
  const { minimum, median, maximum }: Spread = spread(samples);
  const ratio = median / spread(base).median;
  return [
    `${median.toFixed(2)} s`,
    `${minimum.toFixed(2)} … ${maximum.toFixed(2)}`,
    `${ratio.toFixed(1)}×`,
  ];
}
