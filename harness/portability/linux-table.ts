import { compareKernelVersions, seriesOf } from '../kernels/kernel-version.ts';
import {
  type LinuxBuild,
  type LinuxTableDocument,
  linuxTableDocument,
} from './linux-table-schema.ts';
import { readPresence } from './presence.ts';

/** Facts that are names by themselves; helpers and kfuncs are by kind of program. */
export type NamedFact = Exclude<
  keyof LinuxTableDocument,
  'schema' | 'builds' | 'unknown' | 'kindSets' | 'helpers' | 'kfuncs' | 'contexts'
>;

/** Facts that are known for each kind of program. */
export type FactByKind = 'helpers' | 'kfuncs' | 'contexts';

/** Something that a kernel has or has not. */
export type Fact =
  | { readonly list: NamedFact; readonly name: string }
  | { readonly list: FactByKind; readonly name: string; readonly kind: string | null };

/** Series of the table around a version; the same one twice where the version belongs to it. */
export interface Neighbours {
  readonly before: string | null;
  readonly after: string | null;
}

/** What one build of each series of Linux has of BPF. */
export class LinuxTable {
  readonly builds: readonly LinuxBuild[];
  readonly #document: LinuxTableDocument;
  readonly #series: readonly string[];
  readonly #neighbours = new Map<string, Neighbours>();
  readonly #names = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();
  readonly #ofAnyKind = new Map<string, ReadonlySet<string>>();
  readonly #remembered = new Map<string, unknown>();

  constructor(document: unknown) {
    this.#document = linuxTableDocument.parse(document);
    this.builds = this.#document.builds;
    this.#series = this.builds.map(({ series }) => series);
  }

  /** Oldest first. */
  get series(): readonly string[] {
    return this.#series;
  }

  /** What probes had no clear answer to: `6.12 helper bpf_loop`. */
  unclear(): string[] {
    return Object.entries(this.#document.unknown).flatMap(([series, facts]) =>
      Object.keys(facts).map(what => `${series} ${what}`),
    );
  }

  /** The series whose builds have something; those of a helper without a kind have it for any kind. */
  presence(fact: Fact): ReadonlySet<string> {
    if (!isByKind(fact)) return this.#lookUp(fact.list, this.#document[fact.list], fact.name);
    const set = this.#document[fact.list][fact.name] ?? '';
    if (fact.kind !== null) return this.#presenceIn(set, fact.kind);
    const byKind = this.#document.kindSets[set];
    if (byKind === undefined) return NOWHERE;
    const known = this.#ofAnyKind.get(set) ?? this.#unite(Object.keys(byKind));
    this.#ofAnyKind.set(set, known);
    return known;
  }

  /** Whether programs of a kind were tried for what they may do with their context. */
  knowsContext(kind: string): boolean {
    return this.once(`context ${kind}`, () =>
      Object.values(this.#document.contexts).some(set => this.#presenceIn(set, kind).size > 0),
    );
  }

  /** What is made of this table's facts, made once for a key. */
  once<T>(key: string, make: () => T): T {
    if (!this.#remembered.has(key)) this.#remembered.set(key, make());
    return this.#remembered.get(key) as T;
  }

  /** The nearest series of the table at and before a version, and at and behind it. */
  neighbours(version: string): Neighbours {
    const known = this.#neighbours.get(version);
    if (known !== undefined) return known;
    const own = seriesOf(version);
    const found = this.#series.includes(own)
      ? { before: own, after: own }
      : {
          before: this.#series.findLast(each => compareKernelVersions(each, own) < 0) ?? null,
          after: this.#series.find(each => compareKernelVersions(each, own) > 0) ?? null,
        };
    this.#neighbours.set(version, found);
    return found;
  }

  #presenceIn(set: string, kind: string): ReadonlySet<string> {
    const byKind = this.#document.kindSets[set];
    return byKind === undefined ? NOWHERE : this.#lookUp(set, byKind, kind);
  }

  #lookUp(
    key: string,
    names: Readonly<Record<string, readonly string[]>>,
    name: string,
  ): ReadonlySet<string> {
    const known = this.#names.get(key) ?? this.#invert(names);
    this.#names.set(key, known);
    return known.get(name) ?? NOWHERE;
  }

  #unite(presences: readonly string[]): ReadonlySet<string> {
    const all = new Set(presences.flatMap(text => [...readPresence(text, this.#series)]));
    return new Set(this.#series.filter(series => all.has(series)));
  }

  #invert(names: Readonly<Record<string, readonly string[]>>) {
    const inverted = new Map<string, ReadonlySet<string>>();
    for (const [presence, list] of Object.entries(names)) {
      const series = readPresence(presence, this.#series);
      for (const name of list) inverted.set(name, series);
    }
    return inverted;
  }
}

function isByKind(fact: Fact): fact is Extract<Fact, { list: FactByKind }> {
  return ['helpers', 'kfuncs', 'contexts'].includes(fact.list);
}

const NOWHERE: ReadonlySet<string> = new Set();
