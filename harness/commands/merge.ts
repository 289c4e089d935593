import { mergeBlobs } from '../merge/merge-blobs.ts';
import { readBlobs } from '../merge/read-blobs.ts';
import { openReporters } from '../report/reporters.ts';
import type { CommandContext } from './context.ts';
import { exitCodeFor } from './exit-code.ts';

export interface MergeOptions {
  readonly reporter: readonly string[];
}

/** `crossbpf merge BLOB…`: one report of those of several machines. Gives the exit code that one run would have. */
export async function mergeCommand(
  names: readonly string[],
  { reporter }: MergeOptions,
  context: CommandContext,
): Promise<number> {
  const { stdout, folder, environment, toolVersion } = context;
  const open = await openReporters(reporter, { stdout, folder, environment });
  const { report, fixtures } = mergeBlobs(await readBlobs(names, context), toolVersion);
  open.onEvent({ type: 'fixtures:ready', fixtures });
  await open.finish(report);
  return exitCodeFor(report);
}
