import { CrossbpfError } from '../crossbpf-error.ts';
import { findLine } from './find-line.ts';
import { badScenario } from './scenario-error.ts';

/** The file that faults are in. */
export interface FaultyFile {
  /** Relative to the working folder. */
  readonly file: string;
  readonly text: string;
}

/** Collects what is wrong with a scenario, so that all of it is said at once. */
export class Faults {
  readonly #all: string[] = [];

  /** Does what may find a fault; undefined when it has. */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (thrown) {
      if (!(thrown instanceof CrossbpfError) || thrown.kind !== 'usage') throw thrown;
      const { message, hint } = thrown;
      this.#all.push(hint === undefined ? message : `${message}. ${hint}`);
      return undefined;
    }
  }

  /** @throws CrossbpfError `USAGE_BAD_SCENARIO` when something was wrong. */
  throwAny(where: FaultyFile): void {
    if (this.#all.length > 0) throw faultyScenario(this.#all, where);
  }
}

/** The error for faults that begin with a path: `steps[2].run: there is no program cuont. Did you mean count?`. */
export function faultyScenario(faults: readonly string[], { file, text }: FaultyFile) {
  const placed = faults
    .map(fault => ({ fault, line: lineOf(fault, text) }))
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const [first] = placed;
  const several = placed.length > 1;
  const said = placed.map(({ fault, line }) =>
    several && line !== undefined ? `${fault} (line ${line})` : fault,
  );
  const line = several || first?.line === undefined ? undefined : String(first.line);
  return badScenario(said, { file, line });
}

/** Of JSON and of literals in a module. */
function lineOf(fault: string, text: string): number | undefined {
  const [path] = /^[\w$.]+(?:\[[^\]]*\]|[\w$.]+)*(?=: )/.exec(fault) ?? [];
  return path === undefined ? undefined : findLine(text, path);
}
