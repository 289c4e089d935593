import path from 'node:path';
import { BASELINE_FILE, readBaseline, writeBaseline } from '../baseline/baseline-file.ts';
import { type Baseline, EMPTY_BASELINE } from '../baseline/baseline-schema.ts';
import { withBaseline } from '../baseline/compare-baseline.ts';
import { formatBaseline } from '../baseline/format-baseline.ts';
import { gatesOf } from '../baseline/gates.ts';
import { takeBaseline } from '../baseline/take-baseline.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import type { Report } from '../report/report-schema.ts';
import type { CommandContext } from './context.ts';

export interface BaselineOptions {
  /** The file; default: `crossbpf.baseline.json` beside the configuration, if it is there. */
  readonly baseline?: string | undefined;
  /** Write it. */
  readonly update: boolean;
  /** Whether the run is of all fixtures that there are: then what is of no fixture is left out. */
  readonly isWhole: boolean;
}

type Place = Pick<CommandContext, 'folder' | 'environment'>;

/** What a run does with its baseline: it is held against it, or written into it. */
export class BaselineUse {
  readonly #options: BaselineOptions;
  readonly #file: string;
  readonly #name: string;
  readonly #before: Baseline | null;
  readonly #gates: ReturnType<typeof gatesOf>;

  private constructor(parts: {
    options: BaselineOptions;
    file: string;
    name: string;
    before: Baseline | null;
    loaded: LoadedConfig;
  }) {
    this.#options = parts.options;
    this.#file = parts.file;
    this.#name = parts.name;
    this.#before = parts.before;
    this.#gates = gatesOf(parts.loaded.config.baseline);
  }

  /**
   * Finds and reads the baseline, before anything is run.
   *
   * @throws CrossbpfError `USAGE_UPDATE_ON_CI`, `USAGE_NO_BASELINE` for a file that is named and not there,
   * `USAGE_BAD_BASELINE`.
   */
  static async open(
    options: BaselineOptions,
    loaded: LoadedConfig,
    { folder, environment }: Place,
  ): Promise<BaselineUse> {
    const { baseline, update } = options;
    if (update && isCI(environment)) throw updateOnCI();
    const file =
      baseline === undefined
        ? path.join(loaded.root, BASELINE_FILE)
        : path.resolve(folder, baseline);
    const before = await readBaseline(file);
    if (baseline !== undefined && before === null && !update) throw noBaseline(baseline);
    return new BaselineUse({ options, file, name: path.relative(folder, file), before, loaded });
  }

  /** The report with what changed since the baseline; what is about to be written has not changed. */
  hold(report: Report): Report {
    const baseline = this.#options.update ? this.#taken(report) : this.#before;
    const file = baseline === null ? null : this.#name;
    return withBaseline(report, { baseline, file, gates: this.#gates });
  }

  /** Writes what the run said, where that is asked for, also of a run that failed. Gives what to tell of it. */
  async keep(report: Report): Promise<string> {
    if (!this.#options.update) return '';
    const taken = this.#taken(report);
    const before = this.#before === null ? '' : formatBaseline(this.#before);
    if (formatBaseline(taken) === before) return `${this.#name} is up to date\n`;
    await writeBaseline(this.#file, taken);
    return `wrote ${this.#name}: ${this.#describe(report)}\n`;
  }

  #taken(report: Report): Baseline {
    const { isWhole } = this.#options;
    return takeBaseline(report, { before: this.#before ?? EMPTY_BASELINE, isWhole });
  }

  #describe(report: Report): string {
    const before = this.#before ?? EMPTY_BASELINE;
    const gates = { growth: { part: 0, text: '' }, limits: [] };
    const { baseline } = withBaseline(report, { baseline: before, file: null, gates });
    const counts = [
      [baseline?.changes.length ?? 0, 'changed'],
      [baseline?.unknown ?? 0, 'new'],
    ] as const;
    const told = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
    return told.length === 0 ? 'what is gone is left out' : `${told.join(', ')}`;
  }
}

/** As most services set it; some people turn it off with `CI=false`. */
function isCI({ CI }: NodeJS.ProcessEnv): boolean {
  return CI !== undefined && !['', '0', 'false'].includes(CI.toLowerCase());
}

function updateOnCI(): CrossbpfError {
  return new CrossbpfError({
    code: 'USAGE_UPDATE_ON_CI',
    message: 'a baseline is not written on CI (the environment variable CI is set)',
    hint: 'Run crossbpf run --update on your machine, look at the difference, and commit the file.',
  });
}

function noBaseline(file: string): CrossbpfError {
  return new CrossbpfError({
    ...{ code: 'USAGE_NO_BASELINE', file, message: 'no such baseline' },
    hint: `Write it: crossbpf run --update --baseline ${file}.`,
  });
}
