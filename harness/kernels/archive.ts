import type { KernelReference } from './kernel.ts';
import type { KernelBuild } from './kernel-build.ts';
import { mergeBuilds } from './packages-index.ts';
import { loadSuiteIndex, type SuiteIndex, type SuiteIndexContext } from './suite-index.ts';
import { likelySuites, SUITES, type Suite } from './suites.ts';

/** Debian's archive as one list of kernels; each suite is asked once, and only when it is needed. */
export interface Archive {
  /** The builds of those suites that can hold the newest one for a name. */
  likelyBuilds(reference: KernelReference): Promise<readonly KernelBuild[]>;
  allBuilds(): Promise<readonly KernelBuild[]>;
}

export function openArchive(context: SuiteIndexContext): Archive {
  const loaded = new Map<string, Promise<SuiteIndex>>();
  const load = (suite: Suite) => {
    const known = loaded.get(suite.name);
    if (known !== undefined) {
      return known;
    }
    const loading = loadSuiteIndex(suite, context);
    loaded.set(suite.name, loading);
    return loading;
  };
  const buildsOf = async (suites: readonly Suite[]) => {
    // All of them end before one failure is told: no apt is left running behind an error.
    const settled = await Promise.allSettled(suites.map(load));
    const failed = settled.find(result => result.status === 'rejected');
    if (failed !== undefined) {
      throw failed.reason;
    }
    return mergeBuilds(settled.flatMap(result => ('value' in result ? result.value.builds : [])));
  };
  return {
    likelyBuilds: reference => buildsOf(likelySuites(reference)),
    allBuilds: () => buildsOf(SUITES),
  };
}
