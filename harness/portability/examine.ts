import { execa } from 'execa';
import { locateAgentBinary } from '../agent/agent-binary.ts';
import { hostPlatform } from '../agent/host-platform.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import { type ObjectNeeds, objectNeeds } from './needs.ts';

export interface ExamineOptions {
  /** Paths of object files. */
  readonly objects: readonly string[];
  /** `types` is the path of a kernel's BTF, raw or in an image. */
  readonly kernels: readonly { readonly id: string; readonly types: string }[];
  readonly packageRoot: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What the programs of objects need, and what of it each kernel's types have, in the order of the objects. The agent on
 * this machine says it; nothing is loaded.
 *
 * @throws CrossbpfError `INFRA_AGENT_FAILED` where the agent fails, or as `locateAgentBinary` does.
 */
export async function examineObjects(options: ExamineOptions): Promise<ObjectNeeds[]> {
  const { objects, kernels, packageRoot, signal } = options;
  const agent = await locateAgentBinary({
    ...{ platform: hostPlatform(), packageRoot },
    ...(signal === undefined ? {} : { signal }),
  });
  const asked = await execa(agent, ['portability'], {
    ...{ input: JSON.stringify({ objects, kernels }), reject: false },
    ...{ maxBuffer: 1 << 29 },
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  signal?.throwIfAborted();
  if (asked.failed) {
    throw new CrossbpfError({
      code: 'INFRA_AGENT_FAILED',
      message: `the agent cannot look into the objects: ${asked.stderr.trim().split('\n').at(-1)}`,
      hint: 'Is a file of the cache damaged? Remove the folder types in it.',
    });
  }
  const lines = asked.stdout.split('\n').filter(line => line !== '');
  return lines.map(line => objectNeeds.parse(JSON.parse(line)));
}
