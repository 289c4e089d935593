import { CrossbpfError } from '../crossbpf-error.ts';
import type { KernelReference } from './kernel.ts';
import type { KernelBuild } from './kernel-build.ts';
import { mergeBuilds } from './packages-index.ts';
import { loadSuiteIndex, type SuiteIndexContext } from './suite-index.ts';
import { likelySuites, SUITES, type Suite } from './suites.ts';

/** Debian's archive as one list of kernels; each suite is asked once, and only when it is needed. */
export interface Archive {
  /** The builds of those suites that can hold the newest one for a name. */
  likelyBuilds(reference: KernelReference): Promise<ArchiveBuilds>;
  allBuilds(): Promise<ArchiveBuilds>;
}

export interface ArchiveBuilds {
  readonly builds: readonly KernelBuild[];
  /** Why some of the suites are not in it; each was told as an `archive:unavailable` too. */
  readonly problems: readonly CrossbpfError[];
}

export function openArchive(context: SuiteIndexContext): Archive {
  const loaded = new Map<string, Promise<SuiteResult>>();
  const load = (suite: Suite) => {
    const known = loaded.get(suite.name);
    if (known !== undefined) {
      return known;
    }
    const loading = loadSuite(suite, context);
    loaded.set(suite.name, loading);
    return loading;
  };
  const buildsOf = async (suites: readonly Suite[]) => {
    const results = await Promise.all(suites.map(load));
    const thrown = results.find(({ status }) => status === 'thrown');
    // All of them have ended before one failure is told: no apt is left running behind an error.
    if (thrown?.status === 'thrown') {
      throw thrown.error;
    }
    const problems = results.flatMap(result => (result.status === 'problem' ? result.error : []));
    const builds = results.flatMap(result => (result.status === 'loaded' ? result.builds : []));
    return { builds: mergeBuilds(builds), problems };
  };
  return {
    likelyBuilds: reference => buildsOf(likelySuites(reference)),
    allBuilds: () => buildsOf(SUITES),
  };
}

type SuiteResult =
  | { readonly status: 'loaded'; readonly builds: readonly KernelBuild[] }
  | { readonly status: 'problem'; readonly error: CrossbpfError }
  | { readonly status: 'thrown'; readonly error: unknown };

/** Without these suites the others are still of use; with a wrong signature or a full disk they are not. */
const BEARABLE = ['INFRA_NO_NETWORK', 'INFRA_BAD_MIRROR'];

async function loadSuite(suite: Suite, context: SuiteIndexContext): Promise<SuiteResult> {
  try {
    const { builds } = await loadSuiteIndex(suite, context);
    return { status: 'loaded', builds };
  } catch (error) {
    if (!(error instanceof CrossbpfError) || !BEARABLE.includes(error.code)) {
      return { status: 'thrown', error };
    }
    const reason = error.message;
    context.onProgress({ type: 'archive:unavailable', suite: suite.name, reason });
    return { status: 'problem', error };
  }
}
