import type { Report, ReportedTarget } from '../report-schema.ts';
import type { Finding } from './finding.ts';

/** How answers came about, as a column's head says it. */
const ORIGINS: Readonly<Record<string, string>> = {
  ...{ verifier: 'verified', native: 'native', jit: 'JIT', kernel: 'loaded' },
};

/** What its runtime calls itself on a real machine. */
const REAL = 'eBPF for Windows';

/**
 * The further lines of a column's head for a Windows target: what runs programs there where that is not the
 * real thing, and how its answers came about (`native, verified` where some programs were not loaded).
 */
export function describeWindows({ fixtures }: Report, { id, runtime }: ReportedTarget): string[] {
  const accepted = fixtures.flatMap(({ results }) =>
    Object.values(results[id]?.programs ?? {}).filter(({ verdict }) => verdict === 'accept'),
  );
  const origins = [...new Set(accepted.map(({ origin }) => ORIGINS[origin] ?? origin))].sort();
  const isReal = runtime === null || runtime.name === REAL;
  return [...(isReal ? [] : [runtime.name]), ...(origins.length === 0 ? [] : [origins.join(', ')])];
}

/** Which programs were verified and not loaded, and why; which fixtures cannot be on a platform. */
export function explainWindows({ targets, fixtures }: Report): Finding[] {
  return targets
    .filter(({ platform }) => platform === 'windows')
    .flatMap(({ id }) => [...explainUnloaded(fixtures, id), ...explainAbsent(fixtures, id)]);
}

function explainUnloaded(fixtures: Report['fixtures'], target: string): Finding[] {
  const programs = fixtures.flatMap(fixture =>
    Object.entries(fixture.results[target]?.programs ?? {}).map(([name, program]) => ({
      ...{ name: `${fixture.id} › ${name}`, why: program.notLoaded },
    })),
  );
  const unloaded = programs.filter(({ why }) => why !== null);
  return [...Map.groupBy(unloaded, ({ why }) => why)].map(([why, same]) => ({
    text: `${target}: ${same.length === 1 ? same[0]?.name : `${same.length} programs`} verified, not loaded: ${why}`,
    details: [],
  }));
}

function explainAbsent(fixtures: Report['fixtures'], target: string): Finding[] {
  const absent = fixtures.flatMap(({ id, results }) => {
    const result = results[target];
    return result?.status === 'unsupported' ? [`${id}: ${result.reason}`] : [];
  });
  if (absent.length === 0) return [];
  const [only] = absent;
  if (absent.length === 1 && only !== undefined)
    return [{ text: `${target}: not ${only}`, details: [] }];
  const shown = absent.slice(0, MOST);
  const more = absent.length - shown.length;
  return [{ text: `${target}: ${absent.length} fixtures are not for it`, details: shown, more }];
}

const MOST = 5;
