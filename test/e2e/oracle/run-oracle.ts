import type { Kernel } from '../../../harness/kernels/kernel.ts';
import { resolveKernels } from '../../../harness/kernels/resolve-kernels.ts';
import { cacheRoot as findCacheRoot } from '../../../harness/storage/cache-root.ts';
import { GUEST_MODULES, KERNEL_WORDS } from '../../../harness/targets/linux-vm.ts';
import { findTargets } from '../../support/stage.ts';
import { askLibbpf, type LibbpfAnswer } from '../libbpf-loader/ask-libbpf.ts';
import { type AgentAnswer, askAgent } from './ask-agent.ts';

const cacheRoot = findCacheRoot(process.env);
/** As the agent's guests have (`findTargets`). */
const MEMORY_MIB = 512;

/** What both loaders got from one kernel. */
export interface OracleAnswers {
  readonly libbpf: readonly LibbpfAnswer[];
  readonly agent: readonly AgentAnswer[];
}

export interface OracleQuestion {
  /** Series of kernels: `6.12`. */
  readonly series: readonly string[];
  /** Paths of object files. */
  readonly objects: readonly string[];
  /** Path of the libbpf loader. */
  readonly loader: string;
}

/** Asks both loaders for each program of the objects, on each kernel; gives the answers by series. */
export async function runOracle(question: OracleQuestion): Promise<Map<string, OracleAnswers>> {
  const { series, objects, loader } = question;
  const names = series.map(each => `linux@${each}`);
  const kernels = await findKernels(series);
  const targets = await findTargets(names);
  const asked = series.map(async (each, index) => {
    const kernel = kernels[index];
    const target = targets.get(names[index] ?? '');
    if (kernel === undefined || target === undefined) throw new Error(`no kernel of ${each}`);
    const agent = await askAgent(target, objects);
    const words = { kernelWords: KERNEL_WORDS, memoryMiB: MEMORY_MIB, cacheRoot };
    const libbpf = await askLibbpf({ loader, objects, kernel, ...words });
    return [each, { libbpf, agent }] as const;
  });
  return new Map(await Promise.all(asked));
}

async function findKernels(series: readonly string[]): Promise<Kernel[]> {
  const found = await resolveKernels(
    series.map(each => ({ kind: 'series', series: each })),
    { arch: 'amd64', modules: GUEST_MODULES, cacheRoot, environment: process.env },
  );
  return found.map(each => {
    if (each.status === 'failed') throw each.error;
    return each.kernel;
  });
}
