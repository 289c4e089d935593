import { markdownTable, spread } from './statistics.ts';

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

/** What a round took, in seconds: by the clock, and of one core. */
export interface Sample {
  readonly wall: number;
  readonly cpu: number;
}

export interface Measured {
  readonly one: Sample[];
  readonly all: Sample[];
  /** Of each measurement that came to nothing, why, warm-up included. */
  readonly failures: string[];
}

const COLUMNS = ['s', 'min … max', 'ratio', 'cpu s', 'ratio'];
const HEAD = ['', ...COLUMNS.map(name => `one: ${name}`), ...COLUMNS.map(name => `all: ${name}`)];

/** The table, medians, and their ratios to the first entrant's; below it, what was typed. */
export function comparisonTable(
  entrants: readonly Entrant[],
  measured: ReadonlyMap<string, Measured>,
): string {
  const base = measured.get(entrants[0]?.name ?? '');
  const rows = entrants.map(({ name }) => {
    const samples = measured.get(name) ?? { one: [], all: [], failures: [] };
    return [name, ...cells(samples.one, base?.one), ...cells(samples.all, base?.all)];
  });
  const notes = entrants.map(({ name, command, remark }) => {
    const failed = measured.get(name)?.failures.map(failure => `failed once: ${failure}`) ?? [];
    const parts = [command === undefined ? [] : `\`${command}\``, remark ?? [], failed].flat();
    return `- ${name}: ${parts.join('; ')}\n`;
  });
  return `${markdownTable([HEAD, ...rows])}\n${notes.join('')}`;
}

function cells(samples: readonly Sample[], base: readonly Sample[] = []): string[] {
  if (samples.length === 0 || base.length === 0) return ['–', ...COLUMNS.slice(1).map(() => '')];
  const { minimum, median, maximum } = spread(samples.map(({ wall }) => wall));
  const cpu = medianOf(samples, 'cpu');
  return [
    median.toFixed(2),
    `${minimum.toFixed(2)} … ${maximum.toFixed(2)}`,
    `${(median / medianOf(base, 'wall')).toFixed(1)}×`,
    cpu.toFixed(2),
    `${(cpu / medianOf(base, 'cpu')).toFixed(1)}×`,
  ];
}

function medianOf(samples: readonly Sample[], key: keyof Sample): number {
  return spread(samples.map(sample => sample[key])).median;
}
