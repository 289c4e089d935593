import { glob } from 'node:fs/promises';
import path from 'node:path';
import type { LoadedProgram, LoadOptions } from '../../harness/agent/agent-session.ts';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import type { Target } from '../../harness/targets/connection.ts';
import { keyOf } from '../../harness/targets/prepared-loads.ts';

const { signal } = new AbortController();

/** Where the loads of an object are kept, on any kernel. */
export function keptFiles(object: Buffer): Promise<string[]> {
  const folders = path.join(cacheRoot(process.env), 'snapshots', '*', 'prepared');
  return Array.fromAsync(glob(keptFile(folders, object)));
}

/** Where the load of an object is kept in a folder of them. */
export function keptFile(folder: string, object: Buffer): string {
  return path.join(folder, keyOf({ object }));
}

/** Loads an object on a fresh guest, which may be told of it with the greeting. */
export async function loadFresh(
  target: Target,
  object: Buffer,
  { isAhead = false } = {},
): Promise<LoadedProgram[]> {
  const options: LoadOptions = { name: 'test', object, logHead: 4096, logTail: 4096 };
  await using connection = await target.open(signal, isAhead ? { first: options } : {});
  const answers = connection.load(options);
  const programs: LoadedProgram[] = [];
  let next = await answers.next();
  for (; !next.done; next = await answers.next()) programs.push(next.value);
  if (next.value.kind !== 'loaded') throw new Error(next.value.message);
  return programs;
}

/** Answers without what differs each time. */
export function withoutTimes(programs: readonly LoadedProgram[]) {
  return programs.map(({ log, loadNs: _loadNs, logBytes: _logBytes, id: _id, ...rest }) => ({
    ...rest,
    log: log.toString().replace(/verification time \d+/, 'verification time'),
  }));
}
