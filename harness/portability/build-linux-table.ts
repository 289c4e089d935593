import type { FeaturesReply } from '../agent/feature-messages.ts';
import type { LinuxBuild, LinuxTableDocument } from './linux-table-schema.ts';
import { writePresence } from './presence.ts';

/** What one build said of itself. */
export interface ProbedBuild {
  readonly build: LinuxBuild;
  readonly features: FeaturesReply;
}

type Names = Record<string, string[]>;

/** Makes the table of what builds said, oldest first. The same answers give the same table. */
export function buildLinuxTable(probed: readonly ProbedBuild[]): LinuxTableDocument {
  const writer = new TableWriter(probed);
  const by = (list: (features: FeaturesReply) => readonly string[]) => writer.names(list);
  const helpers = writer.kinds(({ helpers: byKind }) =>
    Object.entries(byKind).flatMap(([kind, names]) => names.map(name => [name, kind] as const)),
  );
  const kfuncs = writer.kinds(({ kfuncs: list }) =>
    list.flatMap(({ name, kinds }) => (kinds ?? []).map(kind => [name, kind] as const)),
  );
  const contexts = writer.kinds(({ contexts: byKind }) =>
    Object.entries(byKind).flatMap(([kind, list]) => list.map(each => [each, kind] as const)),
  );
  return {
    schema: 'crossbpf/linux-features@1',
    builds: probed.map(({ build }) => build),
    programTypes: by(({ programTypes }) => programTypes),
    attachTypes: by(({ attachTypes }) => attachTypes),
    kinds: by(({ kinds }) => kinds),
    mapTypes: by(({ mapTypes }) => mapTypes),
    mapFlags: by(({ mapFlags }) => mapFlags),
    mapTypeFlags: by(({ mapTypeFlags }) => mapTypeFlags),
    instructions: by(({ instructions }) => instructions),
    iterators: by(({ iterators }) => iterators),
    structOps: by(({ structOps }) => structOps),
    lsmHooks: by(({ lsmHooks }) => lsmHooks.map(({ name }) => name)),
    sleepableHooks: by(({ lsmHooks }) =>
      lsmHooks.filter(({ sleepable }) => sleepable).map(({ name }) => name),
    ),
    sleepableMaps: by(({ sleepableMaps }) => sleepableMaps),
    results: by(({ results }) =>
      Object.entries(results).flatMap(([kind, list]) => list.map(each => `${kind} ${each}`)),
    ),
    withoutAddress: by(({ withoutAddress }) => withoutAddress),
    limits: by(limitWords),
    config: by(({ config }) => config.map(({ name, value }) => `${name}=${value}`)),
    kindSets: writer.kindSets,
    helpers,
    kfuncs,
    contexts,
    sleepableKfuncs: by(({ kfuncs }) =>
      kfuncs.filter(({ sleepable }) => sleepable).map(({ name }) => name),
    ),
    unknown: writer.unknown(),
  };
}

/** Limits as words, so that they are facts as all others. */
export function limitWords({ limits }: FeaturesReply): string[] {
  return [
    `stack of ${limits.stackBytes} bytes`,
    ...(limits.largePrograms ? ['more than 4096 instructions'] : []),
    ...(limits.boundedLoops ? ['bounded loops'] : []),
  ];
}

class TableWriter {
  readonly #probed: readonly ProbedBuild[];
  readonly #series: readonly string[];
  readonly #sets = new Map<string, string>();
  readonly kindSets: Record<string, Names> = {};

  constructor(probed: readonly ProbedBuild[]) {
    this.#probed = probed;
    this.#series = probed.map(({ build }) => build.series);
  }

  names(list: (features: FeaturesReply) => readonly string[]): Names {
    const found = new Map<string, Set<string>>();
    for (const { build, features } of this.#probed) {
      for (const name of list(features)) add(found, name, build.series);
    }
    return this.#byPresence(found);
  }

  kinds(
    list: (features: FeaturesReply) => readonly (readonly [string, string])[],
  ): Record<string, string> {
    const found = new Map<string, Map<string, Set<string>>>();
    for (const { build, features } of this.#probed) {
      for (const [name, kind] of list(features)) {
        const kinds = found.get(name) ?? new Map<string, Set<string>>();
        found.set(name, kinds);
        add(kinds, kind, build.series);
      }
    }
    const names = [...found.keys()].sort();
    return Object.fromEntries(
      names.map(name => [name, this.#setOf(this.#byPresence(found.get(name)))]),
    );
  }

  /** The name of a set, which is made where it is new. */
  #setOf(kinds: Names): string {
    const text = JSON.stringify(kinds);
    const known = this.#sets.get(text) ?? `set${this.#sets.size + 1}`;
    this.#sets.set(text, known);
    this.kindSets[known] = kinds;
    return known;
  }

  unknown(): Record<string, Record<string, string>> {
    const withUnknown = this.#probed.filter(({ features }) => features.unknown.length > 0);
    return Object.fromEntries(
      withUnknown.map(({ build, features }) => {
        const sorted = features.unknown.toSorted((a, b) => (a.what < b.what ? -1 : 1));
        return [build.series, Object.fromEntries(sorted.map(({ what, said }) => [what, said]))];
      }),
    );
  }

  #byPresence(found: ReadonlyMap<string, ReadonlySet<string>> = new Map()): Names {
    const names: Names = {};
    for (const name of [...found.keys()].sort()) {
      const presence = writePresence(found.get(name) ?? new Set(), this.#series);
      names[presence] = [...(names[presence] ?? []), name];
    }
    const order = (presence: string) => this.#series.indexOf(presence.split(/[-,]/)[0] ?? '');
    const sorted = Object.keys(names).sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1));
    return Object.fromEntries(sorted.map(presence => [presence, names[presence] ?? []]));
  }
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  map.set(key, (map.get(key) ?? new Set()).add(value));
}
