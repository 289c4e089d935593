import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { CrossbpfError } from '../crossbpf-error.ts';
import { badValue } from '../values/bad-value.ts';
import type { ScenarioFile } from './bound-scenario.ts';

/** Together with the object they are one message of the agent's, which is 256 MiB at most. */
const MAX_BYTES = 64 * 1024 * 1024;

/** The files that a scenario sends along with its object. */
export class ScenarioFiles {
  readonly #folder: string;
  readonly #allowed: readonly string[];
  readonly #taken = new Map<string, ScenarioFile>();

  /**
   * @param folder Of the scenario, which paths are relative to, and which files must be in.
   * @param allowed Further files, and folders of files, by absolute path.
   */
  constructor(folder: string, allowed: readonly string[] = []) {
    this.#folder = folder;
    this.#allowed = [folder, ...allowed];
  }

  /** Reads a file, and gives the name by which it goes; `where` is the path in the scenario that names it. */
  take(file: string, where: string): string {
    const absolute = path.resolve(this.#folder, file);
    const known = this.#taken.get(absolute);
    if (known !== undefined) return known.name;
    const bytes = this.#read(absolute, file, where);
    const name = `${this.#taken.size}-${path.basename(file)}`;
    this.#taken.set(absolute, { name, bytes });
    return name;
  }

  get files(): ScenarioFile[] {
    return [...this.#taken.values()];
  }

  /** By absolute path. */
  get inputs(): string[] {
    return [...this.#taken.keys()];
  }

  #read(absolute: string, file: string, where: string): Buffer {
    let content: Buffer;
    try {
      this.#requireAllowed(realpathSync(absolute), file, where);
      if (!statSync(absolute).isFile()) throw badValue(where, `${file} is not a regular file`);
      content = readFileSync(absolute);
    } catch (thrown) {
      if (thrown instanceof CrossbpfError) throw thrown;
      const { code } = thrown as NodeJS.ErrnoException;
      throw badValue(where, `${file} cannot be read (${code})`, 'It is relative to the scenario.');
    }
    if (content.length <= MAX_BYTES) return content;
    throw badValue(where, `${file} has more than ${MAX_BYTES / 1024 / 1024} MiB`);
  }

  /** `real`: where links lead. */
  #requireAllowed(real: string, file: string, where: string): void {
    if (this.#allowed.some(place => isWithin(real, place))) return;
    throw badValue(
      where,
      `${file} is outside of the fixture's folder`,
      'List it, or its folder, in scenarioFiles of the configuration.',
    );
  }
}

/** Whether a file is a place, or below it. */
function isWithin(real: string, place: string): boolean {
  if (!existsSync(place)) return false;
  const way = path.relative(realpathSync(place), real);
  return way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}
