import { loadConfig } from '../config/load-config.ts';
import { mergeBlobs } from '../merge/merge-blobs.ts';
import { readBlobs } from '../merge/read-blobs.ts';
import { openReporters } from '../report/reporters.ts';
import { BaselineUse } from './baseline-use.ts';
import type { CommandContext } from './context.ts';
import { exitCodeFor } from './exit-code.ts';

export interface MergeOptions {
  readonly reporter: readonly string[];
  readonly config?: string;
  readonly baseline?: string;
}

/** `crossbpf merge BLOB…`: one report of those of several machines. Gives the exit code that one run would have. */
export async function mergeCommand(
  names: readonly string[],
  { reporter, config, baseline: file }: MergeOptions,
  context: CommandContext,
): Promise<number> {
  const { stdout, folder, environment, toolVersion } = context;
  const loaded = await loadConfig(folder, config);
  // Each machine writes its part of the baseline: run --update.
  const use = { baseline: file, update: false, isWhole: false };
  const baseline = await BaselineUse.open(use, loaded, context);
  const open = await openReporters(reporter, { stdout, folder, environment });
  const { report, fixtures } = mergeBlobs(await readBlobs(names, context), toolVersion);
  open.onEvent({ type: 'fixtures:ready', fixtures });
  const held = baseline.hold(report);
  await open.finish(held);
  return exitCodeFor(held);
}
