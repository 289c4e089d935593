import type { RunEvent } from '../run/events.ts';

/** Steps of a run that follow each other. */
type Phase = 'fixtures' | 'kernels' | 'guests';

/** Where the time of a run went. Times are in milliseconds. */
export class RunProfile {
  readonly #now: () => number;
  readonly #began = new Map<Phase, number>();
  readonly #starts: number[] = [];
  readonly #loads: number[] = [];
  #verifying = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.begin('fixtures');
  }

  /** A phase begins, and the one before it ends. */
  begin(phase: Phase): void {
    this.#began.set(phase, this.#now());
  }

  onEvent(event: RunEvent): void {
    if (event.type === 'run:starting') this.begin('guests');
    if (event.type === 'target:connected') this.#starts.push(event.facts.startMs);
    if (event.type !== 'fixture:observed') return;
    const { durationMs, programs } = event.observation;
    this.#loads.push(durationMs);
    for (const { loadMs } of Object.values(programs)) this.#verifying += loadMs;
  }

  /** The table, for people. Starts and loads overlap each other, as many as there are jobs. */
  render(): string {
    const end = this.#now();
    const began = [...this.#began];
    const rows = began.map(([phase, from], index): Row => {
      const to = began[index + 1]?.[1] ?? end;
      return { name: PHASE_NAMES[phase], times: [to - from] };
    });
    const inside: Row[] = [
      { name: '  starting guests', times: this.#starts },
      { name: '  loading objects', times: this.#loads },
      { name: '    of it in BPF_PROG_LOAD', times: [this.#verifying] },
    ];
    return [...rows, ...inside].map(renderRow).join('');
  }
}

const PHASE_NAMES: Readonly<Record<Phase, string>> = {
  fixtures: 'finding, compiling, inspecting fixtures',
  kernels: 'resolving and fetching kernels',
  guests: 'guests, comparison, report',
};

interface Row {
  readonly name: string;
  readonly times: readonly number[];
}

function renderRow({ name, times }: Row): string {
  const total = times.reduce((sum, time) => sum + time, 0);
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const spread = `${times.length} × ${median.toFixed(0)} ms in the median, ${sorted.at(-1)?.toFixed(0)} at most`;
  const detail = times.length > 1 ? `  (${spread})` : '';
  return `${name.padEnd(42)}${total.toFixed(0).padStart(8)} ms${detail}\n`;
}
