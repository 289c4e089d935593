import { markdownTable, spread } from './statistics.ts';

/**
 * What is measured: one object on one kernel, one on all kernels, one that these have not met on all kernels, many on one
 * kernel. Each has a fresh guest.
 */
export const JOBS = ['one', 'all', 'unmet', 'many'] as const;
export type Job = (typeof JOBS)[number];

/** A tool as it is measured; without `jobs` it cannot be. */
export interface Entrant {
  readonly name: string;
  readonly command?: string;
  readonly remark?: string | undefined;
  readonly jobs?: Readonly<Partial<Record<Job, () => Promise<void>>>>;
}

/** What a round took, in seconds: by the clock, and of one core. */
export interface Sample {
  readonly wall: number;
  readonly cpu: number;
}

export interface Measured extends Readonly<Record<Job, Sample[]>> {
  /** Of each measurement that came to nothing, why, warm-up included. */
  readonly failures: string[];
}

const HEAD = ['s', 'min … max', 'ratio', 'cpu s', 'ratio'];

/** A table for each job, medians, and their ratios to the first entrant's; below them, what was typed. */
export function comparisonTables(
  titles: Readonly<Record<Job, string>>,
  entrants: readonly Entrant[],
  measured: ReadonlyMap<string, Measured>,
): string {
  const tables = Object.entries(titles).map(([job, title]) => {
    const samplesOf = (name = '') => measured.get(name)?.[job as Job] ?? [];
    const base = samplesOf(entrants[0]?.name);
    const rows = entrants.map(({ name }) => [name, ...cells(samplesOf(name), base)]);
    return markdownTable([[title, ...HEAD], ...rows]);
  });
  const notes = entrants.map(({ name, command, remark }) => {
    const failed = measured.get(name)?.failures.map(failure => `failed once: ${failure}`) ?? [];
    const parts = [command === undefined ? [] : `\`${command}\``, remark ?? [], failed].flat();
    return `- ${name}: ${parts.join('; ')}\n`;
  });
  return `${tables.join('\n')}\n${notes.join('')}`;
}

function cells(samples: readonly Sample[], base: readonly Sample[]): string[] {
  if (samples.length === 0 || base.length === 0) return ['–', ...HEAD.slice(1).map(() => '')];
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
