import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type {
  AgentSession,
  LoadEnd,
  LoadedProgram,
  LoadOptions,
  StaleLoad,
} from '../agent/agent-session.ts';
import { readCachedBytes, writeCachedBytes } from '../storage/cached-bytes.ts';

/**
 * What the loads of objects came to on guests of one snapshot: the system calls, not the kernel's answers, which each
 * guest gives anew. Without the loader's own work a restored guest has a third less code to run.
 */
export interface PreparedLoads {
  /** Undefined for what was not loaded yet; empty for a load that cannot be prepared. */
  find(load: LoadOptions): Promise<Buffer | undefined>;
  /** Where it cannot be kept, it is not there next time. */
  keep(load: LoadOptions, prepared: Buffer): Promise<void>;
}

/** The answers to a prepared load that the agent has been sent. */
export type SentLoad = AsyncGenerator<LoadedProgram, LoadEnd | StaleLoad>;

const NONE = Buffer.alloc(0);
/** Of some kilobytes each. */
const MOST_KEPT = 2000;

/**
 * Those of a snapshot, in its folder: another one of the same kernel may have its code at other addresses, so that they
 * go with it.
 */
export function preparedLoads(snapshot: string): PreparedLoads {
  const folder = path.join(snapshot, 'prepared');
  const fileFor = (load: LoadOptions) => path.join(folder, keyOf(load));
  return {
    find: load => readCachedBytes(fileFor(load)),
    async keep(load, prepared) {
      try {
        if (!existsSync(snapshot)) return;
        await writeCachedBytes(fileFor(load), prepared);
        await forgetOldest(folder);
      } catch {
        // The disk is full, or the snapshot is being removed.
      }
    },
  };
}

/** All that the system calls of a load follow from: the name of the file that keeps it. */
export function keyOf({
  object,
  variables = [],
  types = {},
}: Pick<LoadOptions, 'object' | 'variables' | 'types'>): string {
  return createHash('sha256')
    .update(JSON.stringify([variables, types]))
    .update(object)
    .digest('hex');
}

/** An object that is edited leaves one behind with each of its versions. */
async function forgetOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= MOST_KEPT) return;
  const files = await Promise.all(
    names.map(async name => {
      const file = path.join(folder, name);
      const { atimeMs, mtimeMs } = await stat(file);
      return { file, usedMs: Math.max(atimeMs, mtimeMs) };
    }),
  );
  files.sort((a, b) => b.usedMs - a.usedMs);
  // Half of them at once, so that this is seldom done.
  await Promise.all(files.slice(MOST_KEPT / 2).map(({ file }) => rm(file, { force: true })));
}

/** Sends a prepared load at once. */
export function sendPrepared(
  session: AgentSession,
  { name, logHead, logTail, logInsns }: LoadOptions,
  prepared: Buffer,
): SentLoad {
  const limits = { name, logHead, logTail, ...(logInsns === undefined ? {} : { logInsns }) };
  return session.loadPrepared(limits, prepared);
}

export interface LoadAgainOptions {
  readonly loads: PreparedLoads;
  /** This very load, where it was sent before it was asked for. */
  readonly sent?: SentLoad | undefined;
}

/**
 * Loads an object as `AgentSession.load` does: as an earlier load was prepared, else anew. Where the first fails, what it
 * has not answered is loaded anew.
 */
export async function* loadAgain(
  session: AgentSession,
  options: LoadOptions,
  { loads, sent }: LoadAgainOptions,
): AsyncGenerator<LoadedProgram, LoadEnd> {
  const { programs, types, instructions = false } = options;
  if (programs !== undefined || types !== undefined || instructions)
    return yield* session.load(options);
  const known = sent === undefined ? await loads.find(options) : undefined;
  if (known?.length === 0) return yield* session.load(options);
  const again = sent ?? (known && sendPrepared(session, options, known));
  const answered = new Set<string>();
  if (again !== undefined) {
    const end = yield* unanswered(answered, again);
    if (end.kind !== 'stale') return end;
  }
  const end = yield* unanswered(
    answered,
    session.load({ ...options, prepare: again === undefined }),
  );
  await loads.keep(options, end.kind === 'loaded' ? end.prepared : NONE);
  return end;
}

/** The answers on programs that had none yet, whose names it notes. */
async function* unanswered<End>(
  names: Set<string>,
  answers: AsyncGenerator<LoadedProgram, End>,
): AsyncGenerator<LoadedProgram, End> {
  let next = await answers.next();
  for (; !next.done; next = await answers.next()) {
    const { name } = next.value;
    if (names.has(name)) continue;
    names.add(name);
    yield next.value;
  }
  return next.value;
}
