import { join } from 'node:path';
import { z } from 'zod';
import { CrossbpfError } from '../crossbpf-error.ts';
import { readCachedJson, writeCachedJson } from '../storage/cached-json.ts';
import { withDiskFullError } from '../storage/disk-space.ts';
import { lockFile } from '../storage/file-lock.ts';
import type { Architecture } from './kernel.ts';
import { kernelBuild } from './kernel-build.ts';
import { checkKeyring, type Mirror } from './mirror.ts';
import { readPackagesIndex } from './packages-index.ts';
import { listReader, updateList } from './private-apt.ts';
import type { KernelProgressListener } from './progress.ts';
import type { Suite } from './suites.ts';

/** The kernels of one suite, as a file in the cache: small, so that it is read in no time. */
const suiteIndex = z.strictObject({
  format: z.literal(1),
  /** The mirror that it came from. */
  source: z.string(),
  /** When it was fetched, and when that was last tried, in milliseconds since 1970. */
  fetchedAt: z.number(),
  triedAt: z.number(),
  present: z.boolean(),
  /** Why there is no list: apt refused what the mirror has. */
  problem: z.string().optional(),
  builds: z.array(kernelBuild),
});
export type SuiteIndex = Readonly<z.infer<typeof suiteIndex>>;

export interface SuiteIndexContext {
  readonly arch: Architecture;
  readonly mirror: Mirror;
  readonly cacheRoot: string;
  readonly now: () => number;
  /** Fetch the list again however young the index is. */
  readonly refresh: boolean;
  readonly onProgress: KernelProgressListener;
  readonly signal?: AbortSignal | undefined;
}

const MAX_AGE_MS = 24 * 3_600_000;
/** After a failure the old list is used for so long before the archive is asked again. */
const RETRY_MS = 15 * 60_000;
/** A list as apt keeps it, and room to replace it. */
const LIST_BYTES = 80_000_000;

/**
 * The kernels of a suite: from the cache while young enough, else from the archive. An archive that
 * cannot be reached, or that is not in order, leaves an older index in use; without one it fails with
 * INFRA_NO_NETWORK or INFRA_BAD_MIRROR.
 */
export async function loadSuiteIndex(
  suite: Suite,
  context: SuiteIndexContext,
): Promise<SuiteIndex> {
  const startedAt = context.now();
  const base = join(context.cacheRoot, 'kernels', 'archive', context.arch);
  const file = join(base, `${suite.name}-index.json`);
  const source = suite.archive === 'main' ? context.mirror.main : context.mirror.security;
  const known = await readIndex(file, source);
  if (known !== undefined && !context.refresh && isUsable(known, startedAt)) {
    return useIndex(suite, known, context);
  }
  await checkKeyring(context.mirror);
  const need = { folder: context.cacheRoot, bytes: LIST_BYTES };
  return await withDiskFullError(need, async () => {
    const folder = join(base, suite.name);
    await using _lock = await lockFile(join(folder, 'crossbpf.lock'), {
      purpose: `fetch the list of ${suite.name}`,
      signal: context.signal,
      onWait: ({ holder }) => context.onProgress({ type: 'lock:waiting', holder }),
    });
    const newer = await readIndex(file, source);
    if (newer !== undefined && newer.triedAt >= startedAt) {
      return useIndex(suite, newer, context);
    }
    const index = await fetchIndex({ suite, source, folder, known: newer, context });
    await writeCachedJson(file, index);
    return useIndex(suite, index, context);
  });
}

function isUsable({ fetchedAt, triedAt }: SuiteIndex, now: number): boolean {
  return now - fetchedAt < MAX_AGE_MS || now - triedAt < RETRY_MS;
}

function useIndex(suite: Suite, index: SuiteIndex, context: SuiteIndexContext): SuiteIndex {
  if (index.problem !== undefined && index.fetchedAt === 0) {
    throw badMirror(suite, index.source, index.problem);
  }
  const ageMs = context.now() - index.fetchedAt;
  if (ageMs >= MAX_AGE_MS) {
    const reason = index.problem ?? 'the archive cannot be reached';
    context.onProgress({ type: 'archive:stale', suite: suite.name, ageMs, reason });
  }
  return index;
}

async function readIndex(file: string, source: string): Promise<SuiteIndex | undefined> {
  const index = await readCachedJson(file, suiteIndex);
  return index?.source === source ? index : undefined;
}

interface Fetch {
  readonly suite: Suite;
  readonly source: string;
  readonly folder: string;
  readonly known: SuiteIndex | undefined;
  readonly context: SuiteIndexContext;
}

async function fetchIndex(fetch: Fetch): Promise<SuiteIndex> {
  const { suite, source, folder, context } = fetch;
  const { onProgress, arch, mirror, signal } = context;
  onProgress({ type: 'archive:updating', suite: suite.name });
  const aptSource = { uri: source, suite: suite.name, arch, keyring: mirror.keyring };
  const update = await updateList(folder, aptSource, signal);
  const now = context.now();
  const common = { format: 1, source, fetchedAt: now, triedAt: now } as const;
  switch (update.status) {
    case 'updated': {
      const builds = await readList(update.file, fetch);
      onProgress({ type: 'archive:updated', suite: suite.name, builds: builds.length });
      return { ...common, present: true, builds };
    }
    case 'absent':
      onProgress({ type: 'archive:absent', suite: suite.name });
      return { ...common, present: false, builds: [] };
    case 'unreachable':
      return keepKnown(fetch, update.reason);
    default: {
      const problem = summarize(update.output);
      if (/No space left on device/i.test(update.output)) {
        throw new Error(update.output);
      }
      if (isSignatureProblem(update.output)) {
        throw badSignature(suite, source, update.output);
      }
      const old = fetch.known ?? { ...common, fetchedAt: 0, present: false, builds: [] };
      return { ...old, triedAt: now, problem };
    }
  }
}

async function readList(file: string, { suite, source, context }: Fetch) {
  const [command, ...args] = listReader(file);
  const { execa } = await import('execa');
  const child = execa(command, args, { buffer: false, reject: false });
  child.stdout.setEncoding('utf8');
  const builds = await readPackagesIndex(child.stdout as AsyncIterable<string>, {
    arch: context.arch,
    suite: suite.name,
    base: source,
  });
  const result = await child;
  if (result.failed) {
    throw new CrossbpfError({
      code: 'INFRA_BAD_LIST',
      file,
      message: `apt cannot read its own list: ${result.shortMessage}`,
      hint: 'Remove the file and try again.',
      cause: result.cause,
    });
  }
  return builds;
}

function keepKnown({ suite, source, known, context }: Fetch, reason: string): SuiteIndex {
  if (known === undefined || known.fetchedAt === 0) {
    throw new CrossbpfError({
      code: 'INFRA_NO_NETWORK',
      message: `Debian's archive cannot be reached at ${source} (${suite.name}): ${reason}`,
      hint: 'Check the network and proxy, or name another mirror with CROSSBPF_DEBIAN_MIRROR.',
    });
  }
  return { ...known, triedAt: context.now(), problem: reason };
}

/** apt's own words for what is wrong, the first of them: later lines only say that something was. */
function summarize(output: string): string {
  const line = output.split('\n').find(candidate => candidate.startsWith('E: ')) ?? output;
  return line.replace(/^E: /, '').replace(/\s+/g, ' ').trim();
}

function isSignatureProblem(output: string): boolean {
  return /NO_PUBKEY|is not signed|EXPKEYSIG|BADSIG|signatures? (?:couldn't|were invalid)/i.test(
    output,
  );
}

function badMirror(suite: Suite, source: string, problem: string): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_BAD_MIRROR',
    message: `apt refused the list of ${suite.name} from ${source}: ${problem}`,
    hint: 'Try again with --refresh, or name another mirror with CROSSBPF_DEBIAN_MIRROR.',
  });
}

function badSignature(suite: Suite, source: string, output: string): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_BAD_SIGNATURE',
    message: `the signature of ${suite.name} from ${source} cannot be verified: ${summarize(output)}`,
    hint: 'Bring the package debian-archive-keyring up to date.',
    output,
  });
}
