import { readFileSync } from 'node:fs';
import path from 'node:path';
import { badValue } from '../values/bad-value.ts';
import type { ScenarioFile } from './bound-scenario.ts';

/** Together with the object they are one message of the agent's, which is 256 MiB at most. */
const MAX_BYTES = 64 * 1024 * 1024;

/** The files that a scenario sends along with its object. */
export class ScenarioFiles {
  readonly #folder: string;
  readonly #taken = new Map<string, ScenarioFile>();

  /** `folder`: of the scenario, which paths are relative to. */
  constructor(folder: string) {
    this.#folder = folder;
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
      content = readFileSync(absolute);
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      throw badValue(where, `${file} cannot be read (${code})`, 'It is relative to the scenario.');
    }
    if (content.length <= MAX_BYTES) return content;
    throw badValue(where, `${file} has more than ${MAX_BYTES / 1024 / 1024} MiB`);
  }
}
