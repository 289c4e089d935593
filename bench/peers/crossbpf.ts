import { execa } from 'execa';
import { z } from 'zod';
import type { KernelTree } from '../kernel-trees.ts';

const answer = z.object({
  summary: z.object({ targets: z.number(), accepted: z.number() }),
});

export interface OurRun {
  /** Path of the command. */
  readonly bin: string;
  readonly trees: readonly KernelTree[];
  readonly objects: readonly string[];
  /** A folder without a configuration. */
  readonly folder: string;
  readonly flags?: readonly string[];
}

/** The whole command on all of these kernels; throws unless each of them accepted each program. */
export async function runCrossbpf({
  bin,
  trees,
  objects,
  folder,
  flags = [],
}: OurRun): Promise<void> {
  const targets = trees.flatMap(({ release }) => ['-t', `linux@${release}`]);
  const args = [bin, 'run', ...objects, ...targets, '--reporter', 'json', ...flags];
  const { stdout } = await execa(process.execPath, args, { cwd: folder, stdin: 'ignore' });
  const { summary } = answer.parse(JSON.parse(stdout));
  if (summary.targets !== trees.length || summary.accepted !== trees.length * objects.length) {
    throw new Error(`not all kernels accepted all programs: ${JSON.stringify(summary)}`);
  }
}
