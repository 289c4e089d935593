import type { Report, ReportedTarget } from '../report-schema.ts';

/**
 * What targets said, each value with the targets that agree on it: `5.10–6.1: 7 · ≥6.12: 9`. A value that all
 * of them say stands alone.
 */
export function describeGroups(
  report: Report,
  values: Readonly<Record<string, string>>,
  show: (value: string, targets: readonly string[]) => string = value => value,
): string {
  const compared = Object.keys(values);
  const groups = Map.groupBy(compared, target => values[target] ?? '');
  return [...groups]
    .map(([value, targets]) => {
      const shown = show(value, targets);
      return groups.size === 1 ? shown : `${describeTargets(report, targets, compared)}: ${shown}`;
    })
    .join(' · ');
}

/**
 * Targets as ranges of those that were compared: `5.10–6.1`, `≥6.12`, `5.10, 6.12–6.18`, `everywhere` for
 * all of several.
 */
export function describeTargets(
  report: Report,
  targets: readonly string[],
  compared: readonly string[],
): string {
  const order = report.targets.filter(({ id }) => compared.includes(id));
  if (order.length > 1 && order.every(({ id }) => targets.includes(id))) return 'everywhere';
  const last = order.findLastIndex(hasVersion);
  return rangesOf(order, targets)
    .map(({ from, to }) => {
      const [first, final] = [from, to].map(at => nameOf(report, order[at]));
      if (from === to) return first;
      return to === last && from > 0 ? `≥${first}` : `${first}–${final}`;
    })
    .join(', ');
}

interface Range {
  from: number;
  to: number;
}

/** Stretches of neighbours; a target without a version has none. */
function rangesOf(order: readonly ReportedTarget[], targets: readonly string[]): Range[] {
  const ranges: Range[] = [];
  for (const [at, target] of order.entries()) {
    if (!targets.includes(target.id)) continue;
    const before = ranges.at(-1);
    const joins = before?.to === at - 1 && hasVersion(target) && hasVersion(order[at - 1]);
    if (before !== undefined && joins) before.to = at;
    else ranges.push({ from: at, to: at });
  }
  return ranges;
}

/** A guest is told by its kernel's version; a machine that was there already is told by its name. */
function hasVersion(target: ReportedTarget | undefined): boolean {
  return target?.platform === 'linux' && target.mode === 'vm' && target.upstream !== null;
}

/** The shortest name that tells a target from the others: `6.12`, `6.12.107`, `6.12+nojit`. */
export function nameOf({ targets }: Report, target: ReportedTarget | undefined): string {
  if (target === undefined) return '';
  const names = [seriesName, upstreamName];
  const telling = names.find(
    name => targets.filter(other => name(other) === name(target)).length === 1,
  );
  return telling?.(target) ?? target.id;
}

function seriesName(target: ReportedTarget): string {
  const series = /^\d+\.\d+/.exec(target.upstream ?? '')?.[0];
  return series === undefined || !hasVersion(target) ? target.id : series + suffixOf(target);
}

function upstreamName(target: ReportedTarget): string {
  return hasVersion(target) ? target.upstream + suffixOf(target) : target.id;
}

/** What a name asks for beside the version: `/arm64`, `+nojit`. */
function suffixOf({ id }: ReportedTarget): string {
  return /^linux@[^/+]*((?:\/\w+)?(?:\+\w+)?)$/.exec(id)?.[1] ?? '';
}
