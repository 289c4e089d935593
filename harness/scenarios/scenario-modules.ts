import { asError } from '../crossbpf-error.ts';
import { describeIssues } from './describe-issues.ts';
import { FreshModules } from './fresh-modules.ts';
import { type Scenario, scenarioSchema } from './scenario-schema.ts';

/** What the module of a scenario comes to; everything in it can be sent from one thread to another. */
export type ImportedScenario =
  | { readonly kind: 'scenario'; readonly scenario: Scenario }
  /** What the schema refuses, a line each, with where. */
  | { readonly kind: 'refused'; readonly issues: readonly string[] }
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'failed';
      readonly message: string;
      /** Where the fault is, by absolute path: the module or one that it imports. */
      readonly file: string;
      readonly line: string | undefined;
      readonly hint?: string;
    };

export interface ReadModule {
  readonly imported: ImportedScenario;
  /** The module and those that it imports, by absolute path. */
  readonly modules: readonly string[];
}

/** Imports scenarios and checks what they are. The code of users runs here, so this is for a thread that can be ended. */
export class ScenarioModules {
  readonly #modules: FreshModules;

  constructor(generation: number) {
    this.#modules = new FreshModules(generation);
  }

  /** `file`: an absolute path. */
  async read(file: string): Promise<ReadModule> {
    const imported = await this.#import(file);
    return { imported, modules: this.#modules.modulesOf(file) };
  }

  async #import(file: string): Promise<ImportedScenario> {
    const imported = await this.#modules.import(file);
    if (imported.kind === 'failed') {
      const { kind, message, file: place, line } = imported;
      return { kind, message, file: place, line };
    }
    if (imported.value === undefined) return { kind: 'empty' };
    try {
      // A scenario may be made by what takes a while: `export default build()`.
      const value: unknown = await imported.value;
      if (value === undefined) return { kind: 'empty' };
      const odd = classOf(value);
      if (odd !== undefined) return { kind: 'refused', issues: [`it is a ${odd}, not a scenario`] };
      const parsed = scenarioSchema.safeParse(value);
      if (!parsed.success) return { kind: 'refused', issues: describeIssues(parsed.error) };
      return { kind: 'scenario', scenario: structuredClone(parsed.data) };
    } catch (thrown) {
      // A getter of the user's, say.
      return { kind: 'failed', message: asError(thrown).message, file, line: undefined };
    }
  }
}

/** The class of what is no plain object: an object without members of its own would pass for an empty scenario. */
function classOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return undefined;
  return value.constructor?.name || 'object of a class';
}
