import { ownProperty } from '../own-property.ts';
import type {
  Report,
  ReportedBaseline,
  ReportedChange,
  ReportedFixture,
  ReportedProgram,
} from '../report/report-schema.ts';
import { answersIn } from '../run/observation.ts';
import { normalizeReason } from '../verifier-log/normalize.ts';
import type { Baseline, BaselineAnswer } from './baseline-schema.ts';
import { entryName } from './entry-name.ts';
import type { Gates } from './gates.ts';
import { scenarioTexts } from './scenario-texts.ts';

export interface BaselineInput {
  /** Null where there is none: then only the limits count. */
  readonly baseline: Baseline | null;
  /** As people know it; null where there is none. */
  readonly file: string | null;
  readonly gates: Gates;
}

/** A report that also says what changed since its baseline. A change for the worse counts as unexpected. */
export function withBaseline(report: Report, input: BaselineInput): Report {
  const baseline = compareBaseline(report, input);
  if (input.baseline === null && baseline.changes.length === 0) return report;
  const regressions = baseline.changes.filter(each => each.effect === 'regression');
  const distinct = new Set(
    regressions.map(each => JSON.stringify([each.fixture, each.subject, each.field, each.limit])),
  );
  const unexpected = report.summary.unexpected + distinct.size;
  return { ...report, baseline, summary: { ...report.summary, unexpected } };
}

function compareBaseline(report: Report, input: BaselineInput): ReportedBaseline {
  const { baseline, file, gates } = input;
  const changes: ReportedChange[] = [];
  let unknown = 0;
  for (const said of answersOf(report)) {
    const { fixture, target, name, program } = said;
    const place = { fixture: fixture.id, subject: name, target };
    const entry = baseline && ownProperty(baseline.fixtures, entryName(fixture, baseline));
    const before = ownProperty(entry?.programs, name)?.[target];
    if (before === undefined) unknown += baseline === null ? 0 : 1;
    else
      changes.push(...programChanges(before, program, gates).map(each => ({ ...place, ...each })));
    changes.push(...overLimits(program, gates).map(each => ({ ...place, ...each })));
  }
  const scenarios = baseline === null ? [] : scenarioChanges(report, baseline);
  return { file, changes: [...changes, ...scenarios], unknown };
}

function answersOf(report: Report) {
  return report.fixtures.flatMap(fixture =>
    Object.entries(fixture.results)
      .filter(([, result]) => result.status === 'ran')
      .flatMap(([target, result]) =>
        Object.entries(answersIn(result)).map(([name, program]) => ({
          fixture,
          target,
          name,
          program,
        })),
      ),
  );
}

type Change = Omit<ReportedChange, 'fixture' | 'subject' | 'target'>;

function programChanges(before: BaselineAnswer, after: ReportedProgram, gates: Gates): Change[] {
  if (before.verdict !== after.verdict) {
    const verdicts = { before: before.verdict, after: after.verdict };
    return [{ field: 'verdict', ...verdicts, effect: 'regression' }];
  }
  const reasons = [before.reason ?? '', after.reason ?? ''] as const;
  if (normalizeReason(reasons[0]) !== normalizeReason(reasons[1])) {
    return [{ field: 'reason', before: reasons[0], after: reasons[1], effect: 'regression' }];
  }
  return costChange(before, after, gates);
}

/** A cost that is lower by as much as it may grow is told, too. */
function costChange(before: BaselineAnswer, after: ReportedProgram, { growth }: Gates): Change[] {
  if (before.insns === undefined || after.insns === null) return [];
  const costs = { before: String(before.insns), after: String(after.insns) };
  if (after.insns > before.insns * (1 + growth.part)) {
    return [{ field: 'insns', ...costs, effect: 'regression', limit: growth.text }];
  }
  const isLess = after.insns < before.insns * (1 - growth.part);
  return isLess ? [{ field: 'insns', ...costs, effect: 'improvement' }] : [];
}

function overLimits({ verdict, insns }: ReportedProgram, { limits }: Gates): Change[] {
  if (verdict !== 'accept' || insns === null) return [];
  const over = limits.filter(limit => insns > limit.insns);
  return over.map(({ text }) => ({
    ...{ field: 'insns' as const, before: null, after: String(insns) },
    ...{ effect: 'regression' as const, limit: text },
  }));
}

/** What a baseline does not have of a scenario is new; what a scenario no longer has is gone with it. */
function scenarioChanges(report: Report, baseline: Baseline): ReportedChange[] {
  return report.fixtures.flatMap(fixture =>
    Object.entries(fixture.results).flatMap(([target, result]) =>
      [...scenarioTexts(fixture, result)].flatMap(([subject, after]): ReportedChange[] => {
        const before = valueBefore(baseline, fixture, { subject, target });
        if (before === undefined || before === after) return [];
        const field = subject.startsWith('step ') ? 'outcome' : 'value';
        const place = { fixture: fixture.id, subject, target };
        return [{ ...place, field, before, after, effect: 'regression' }];
      }),
    ),
  );
}

function valueBefore(
  baseline: Baseline,
  fixture: ReportedFixture,
  { subject, target }: { readonly subject: string; readonly target: string },
): string | undefined {
  const entry = ownProperty(baseline.fixtures, entryName(fixture, baseline));
  const byValue = Object.entries(ownProperty(entry?.scenario, subject) ?? {});
  return byValue.find(([, targets]) => targets.includes(target))?.[0];
}
