import type { Report, ReportedChange } from '../report-schema.ts';
import type { Finding } from './finding.ts';
import { explanationOn, participle, subjectName } from './subjects.ts';
import { describeTargets } from './targets.ts';

/** What changed since the baseline was written, and what to do about it. */
export interface BaselineFindings {
  readonly improvements: readonly Finding[];
  readonly regressions: readonly Finding[];
  readonly note: readonly Finding[];
}

export function explainBaseline(report: Report): BaselineFindings {
  const { changes = [], unknown = 0, file = null } = report.baseline ?? {};
  const regressions = changes.filter(each => each.effect === 'regression');
  const improvements = changes.filter(each => each.effect === 'improvement');
  return {
    improvements: explainChanges(report, improvements),
    regressions: explainChanges(report, regressions),
    note: describeNote({
      changed: changes.some(({ before }) => before !== null),
      ...{ unknown, file },
    }),
  };
}

interface Note {
  readonly changed: boolean;
  readonly unknown: number;
  readonly file: string | null;
}

function describeNote({ changed, unknown, file }: Note): Finding[] {
  const accept = changed ? [`crossbpf run --update accepts what changed since ${file}`] : [];
  const things = unknown === 1 ? '1 answer is' : `${unknown} answers are`;
  const add =
    unknown === 0 ? [] : [`${things} not in ${file} yet; crossbpf run --update adds them`];
  return [...accept, ...add].map(text => ({ text, details: [] }));
}

/** The same change on several targets is one finding. */
function explainChanges(report: Report, changes: readonly ReportedChange[]): Finding[] {
  const same = Map.groupBy(changes, each => {
    const { fixture, subject, field, before, after, limit } = each;
    return JSON.stringify([fixture, subject, field, before, after, limit]);
  });
  return [...same.values()].flatMap(group => {
    const [first] = group;
    if (first === undefined) return [];
    const targets = group.map(({ target }) => target);
    const answered = report.targets.filter(({ error }) => error === undefined).map(({ id }) => id);
    const where = describeTargets(report, targets, answered);
    const on = where === 'everywhere' ? 'everywhere' : `on ${where}`;
    const name = subjectName(report, first.fixture, first.subject);
    return { text: `${name}: ${explainChange(report, first, { targets, on })}`, details: [] };
  });
}

interface Where {
  readonly targets: readonly string[];
  readonly on: string;
}

function explainChange(report: Report, change: ReportedChange, { targets, on }: Where): string {
  const { field, before, after, limit } = change;
  if (field === 'insns') return explainCost(change, on);
  if (field === 'verdict') {
    const said = explanationOn(report, change, targets);
    const reason = said === null ? '' : ` (${said})`;
    return `${participle(after)}${reason} ${on}, ${participle(before ?? '')} in the baseline`;
  }
  const what = field === 'reason' ? 'rejected for another reason: ' : '';
  return `${what}${after} ${on}, ${before ?? limit} in the baseline`;
}

function explainCost({ before, after, effect, limit }: ReportedChange, on: string): string {
  const cost = `${after} instructions ${on}`;
  if (before === null) return `${cost}, more than ${limit}`;
  const change = (Number(after) / Number(before) - 1) * 100;
  const percent = `${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(1)} %`;
  const gate = effect === 'regression' ? `, allowed is ${limit}` : '';
  return `${cost}, ${before} in the baseline (${percent}${gate})`;
}
