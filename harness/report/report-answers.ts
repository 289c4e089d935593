import { compareAnswers } from '../compare/compare.ts';
import type { ExecutedTarget } from '../run/execute.ts';
import { orderTargets } from '../run/order-targets.ts';
import { buildReport, type ReportInput } from './build-report.ts';
import type { Report } from './report-schema.ts';

/** Compares all that targets said, in a run or in several that are merged, and puts it into a report. */
export function reportAnswers(input: Omit<ReportInput, 'comparison'>): Report {
  const targets = orderTargets(input.targets);
  const byId = new Map(targets.map((target): [string, ExecutedTarget] => [target.id, target]));
  const comparison = compareAnswers({
    ...{ targets, fixtures: input.fixtures },
    observation: (target, fixture) => byId.get(target)?.observations.get(fixture),
  });
  return buildReport({ ...input, targets, comparison });
}
