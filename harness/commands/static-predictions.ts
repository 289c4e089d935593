import { type Fixture, type FixtureForm, formFor } from '../fixtures/fixture.ts';
import type { CheckResult } from '../portability/check-objects.ts';
import type { Prediction } from '../portability/prediction.ts';
import type { Report, ReportedTarget } from '../report/report-schema.ts';
import { showable } from '../report/sinks/showable.ts';
import type { Asked } from './check-unreached.ts';

/**
 * For each Windows machine of a report that could not be reached, what the tables say of its programs: its mode is then
 * `static`. It is no verdict, and changes neither a result nor the exit code.
 */
export async function predictUnreached(
  report: Report,
  asked: Asked & { readonly fixtures: readonly Fixture[] },
): Promise<Report> {
  const isUnreached = ({ platform, error }: ReportedTarget) =>
    platform === 'windows' && error !== undefined;
  const unreached = report.targets.filter(isUnreached).map(({ id }) => id);
  if (unreached.length === 0) return report;
  // Rarely wanted, and everything of `check` comes with it: start-up time counts.
  const { checkUnreached } = await import('./check-unreached.ts');
  const result = await checkUnreached(unreached, asked);
  if (result === undefined) return report;
  const forms = new Map(asked.fixtures.map(each => [each.id, formFor(each, 'windows')]));
  return {
    ...report,
    targets: report.targets.map(target =>
      isUnreached(target)
        ? { ...target, mode: 'static', predictions: predictionsOf(result, forms, target.id) }
        : target,
    ),
  };
}

function predictionsOf(
  { objects }: CheckResult,
  forms: ReadonlyMap<string, FixtureForm>,
  target: string,
) {
  return objects.flatMap(({ id: fixture, programs }) => {
    const form = forms.get(fixture);
    return programs.flatMap(({ name: program, predictions }) => {
      const prediction = predictions.get(target);
      if (form === undefined || prediction === undefined) return [];
      const { outcome, stops } = form.kind === 'made' ? inWords(prediction) : notFor(form);
      return [{ fixture, program, outcome, stops }];
    });
  });
}

function inWords({ outcome, stops }: Prediction) {
  const words = stops.map(({ what, since }) => (since === null ? what : `${what}: ${since}`));
  return { outcome, stops: words };
}

/** The tables tell of what a program needs. Whether there is anything to send to Windows, the fixture tells. */
function notFor(form: Exclude<FixtureForm, { kind: 'made' }>) {
  const reason = form.kind === 'unsupported' ? form.reason : form.error.message;
  return { outcome: 'stops' as const, stops: [reason] };
}

/** What was predicted, in words for people. */
export function describePredictions(report: Report): string {
  const { targets } = showable({ targets: report.targets });
  const blocks = targets.flatMap(({ id, predictions }) => {
    if (predictions === undefined) return [];
    const loading = predictions.filter(({ outcome }) => outcome === 'loads').length;
    const lines = predictions
      .filter(({ outcome }) => outcome !== 'loads')
      .map(({ fixture, program, stops }) => `  ${fixture} › ${program}: ${stops.join('; ')}`);
    const head = `${id} was not reached. static, no verdict: ${loading} of ${predictions.length} programs should load there`;
    return [[head, ...lines].join('\n')];
  });
  return blocks.length === 0 ? '' : `\n${blocks.join('\n')}\n`;
}
