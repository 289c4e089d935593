import type { LinuxTableDocument } from '../../../harness/portability/linux-table-schema.ts';
import { readPresence } from '../../../harness/portability/presence.ts';

/** What a build has, as far as bpftool says something of it too. */
export interface ComparedFeatures {
  readonly programTypes: readonly string[];
  readonly mapTypes: readonly string[];
  readonly instructions: readonly string[];
  /** As words, such as `bounded loops`. */
  readonly limits: readonly string[];
  /** By kind of program. */
  readonly helpers: Readonly<Record<string, readonly string[]>>;
}

/** What the table, which `crossbpf features` writes, says of one series. */
export function featuresOfTable(table: LinuxTableDocument, series: string): ComparedFeatures {
  const all = table.builds.map(build => build.series);
  const present = (names: Readonly<Record<string, readonly string[]>>) =>
    Object.entries(names)
      .flatMap(([presence, list]) => (readPresence(presence, all).has(series) ? list : []))
      .sort();
  const helpers: Record<string, string[]> = {};
  for (const [name, set] of Object.entries(table.helpers)) {
    for (const kind of present(table.kindSets[set] ?? {})) {
      helpers[kind] = [...(helpers[kind] ?? []), name];
    }
  }
  return {
    programTypes: present(table.programTypes),
    mapTypes: present(table.mapTypes),
    instructions: present(table.instructions),
    limits: present(table.limits),
    helpers,
  };
}
