import { z } from 'zod';
import { compareKernelVersions } from '../kernels/kernel-version.ts';

const names = z.array(z.string());

const named = z.strictObject({
  name: z.string(),
  /** The first release with it; `0.2` for the oldest that was looked at, or before. */
  since: z.string(),
  note: z.string().optional(),
});

/**
 * What eBPF for Windows has, by release: `windows-features.json`, which `npm run write:windows-features` writes. Names are
 * Linux's where there is one. `sources` are the files of its repository that say so.
 */
const windowsTableDocument = z.strictObject({
  schema: z.literal('crossbpf/windows-features@1'),
  upstream: z.string(),
  /** The newest release that was looked at, and its commit. */
  release: z.string(),
  commit: z.string(),
  /** Releases, oldest first, with the tag that each was read at. */
  versions: z.array(z.strictObject({ version: z.string(), tag: z.string() })),
  sources: z.strictObject({
    programTypes: names,
    mapTypes: names,
    helpers: names,
    instructions: names,
  }),
  programTypes: z.array(
    z.strictObject({
      name: z.string(),
      provider: z.string(),
      /** Return values by their names on Windows. */
      returns: z.record(z.string(), z.number()).nullable(),
      attach: z.array(
        z.strictObject({
          section: z.string(),
          attachType: z.string().nullable(),
          since: z.string(),
        }),
      ),
    }),
  ),
  mapTypes: z.array(named),
  /** `types`: the program types that provide it; null for all. */
  helpers: z.array(named.extend({ types: names.nullable() })),
});
type WindowsTableDocument = z.infer<typeof windowsTableDocument>;

/** A fact of the table: since which release, and what behaves in another way. */
export type WindowsFact = z.infer<typeof named>;

/** What eBPF for Windows has, by release. */
export class WindowsTable {
  readonly document: WindowsTableDocument;

  constructor(document: unknown) {
    this.document = windowsTableDocument.parse(document);
  }

  /** Oldest first. */
  get versions(): string[] {
    return this.document.versions.map(({ version }) => version);
  }

  mapType(name: string): WindowsFact | undefined {
    return this.document.mapTypes.find(each => each.name === name);
  }

  /** A helper as a program of a type may call it. */
  helper(name: string, type: string): WindowsFact | undefined {
    return this.document.helpers.find(
      each => each.name === name && (each.types === null || each.types.includes(type)),
    );
  }

  /** Whether any program type has a helper. */
  hasHelper(name: string): boolean {
    return this.document.helpers.some(each => each.name === name);
  }

  programType(name: string) {
    return this.document.programTypes.find(each => each.name === name);
  }
}

/** Whether a release has what came with another one. */
export function isSince(version: string, since: string): boolean {
  return compareKernelVersions(version, since) >= 0;
}
