import { compareKernelVersions } from '../kernels/kernel-version.ts';
import type { ExecutedTarget } from './execute.ts';

/**
 * Targets as a report shows them: Linux by version, then Windows, then those that could not be had;
 * among equals as they were named.
 */
export function orderTargets(targets: readonly ExecutedTarget[]): ExecutedTarget[] {
  return targets.toSorted(
    (a, b) => rank(a) - rank(b) || compareKernelVersions(a.upstream ?? '', b.upstream ?? ''),
  );
}

function rank({ platform, upstream }: ExecutedTarget): number {
  if (platform === 'windows') return 1;
  return upstream === null ? 2 : 0;
}
