import type { Comparison } from '../compare/compare.ts';
import type { Divergence } from '../compare/divergence.ts';
import type { BrokenFixture, Fixture } from '../fixtures/fixture.ts';
import type { ExecutedTarget } from '../run/execute.ts';
import { isOfScenario } from './matrix/subjects.ts';
import {
  REPORT_SCHEMA,
  type Report,
  type ReportedFixture,
  type ReportedTarget,
} from './report-schema.ts';
import { isToldByFailure } from './told-by-failure.ts';

export interface ReportInput {
  readonly toolVersion: string;
  readonly startedAt: Date;
  readonly durationMs: number;
  /** In the order in which the report shows them. */
  readonly targets: readonly ExecutedTarget[];
  readonly fixtures: readonly Fixture[];
  /** Those that could not be run. */
  readonly broken?: readonly BrokenFixture[];
  readonly comparison: Comparison;
}

/** Puts a run into its document. */
export function buildReport(input: ReportInput): Report {
  const ran = input.fixtures.map(fixture => reportFixture(fixture, input));
  const fixtures = withBroken(ran, input.broken ?? []);
  const { divergences, failedExpectations } = input.comparison;
  return {
    schema: REPORT_SCHEMA,
    tool: { version: input.toolVersion },
    startedAt: input.startedAt.toISOString(),
    durationMs: input.durationMs,
    targets: input.targets.map(reportTarget),
    fixtures,
    divergences: divergences.map(each => ({ ...each })),
    failedExpectations: failedExpectations.map(each => ({ ...each })),
    summary: summarize(input, fixtures),
  };
}

function reportTarget(executed: ExecutedTarget): ReportedTarget {
  const { id, platform, upstream, facts, error } = executed;
  return {
    id,
    platform,
    release: facts?.release ?? null,
    upstream,
    arch: facts?.arch ?? null,
    runtime: facts?.runtime ?? null,
    mode: facts?.mode ?? 'vm',
    accel: facts?.accel ?? null,
    start: facts?.start ?? null,
    startMs: facts?.startMs ?? null,
    warnings: [...(facts?.warnings ?? [])],
    ...(error === undefined ? {} : { error: { code: error.code, message: error.summary } }),
  };
}

function reportFixture(fixture: Fixture, input: ReportInput): ReportedFixture {
  const { targets, comparison } = input;
  const results = targets.flatMap(({ id, observations }) => {
    const observation = observations.get(fixture.id);
    return observation === undefined ? [] : [[id, structuredClone(observation)] as const];
  });
  const { id, file: source, compiler, sha256, digest } = fixture;
  return {
    ...{ id, source, sha256, digest },
    compiler: compiler === null ? null : { version: compiler.version, flags: [...compiler.flags] },
    loose: [...(comparison.loose.get(id) ?? [])],
    results: Object.fromEntries(results) as ReportedFixture['results'],
  };
}

/** A fixture that only one of several merged machines could compile has answers and an error. */
function withBroken(
  ran: readonly ReportedFixture[],
  broken: readonly BrokenFixture[],
): ReportedFixture[] {
  if (broken.length === 0) return [...ran];
  const errors = new Map(broken.map(each => [each.id, describeError(each)]));
  const known = new Set(ran.map(({ id }) => id));
  const without = broken.filter(({ id }) => !known.has(id));
  const all: ReportedFixture[] = [
    ...ran,
    ...without.map(({ id, file }) => ({
      id,
      source: file,
      compiler: null,
      sha256: null,
      digest: null,
      loose: [],
      results: {},
    })),
  ];
  return all
    .map(fixture => {
      const error = errors.get(fixture.id);
      return error === undefined ? fixture : { ...fixture, error };
    })
    .sort((a, b) => (a.source < b.source ? -1 : 1));
}

/** An error that is about a place inside the fixture, or its scenario, begins with that. */
function describeError({ file, error: { code, message, hint, facts } }: BrokenFixture) {
  const where = facts.file === undefined || facts.file === file ? '' : `${facts.file}: `;
  const output = facts.output ?? null;
  return { code, message: `${where}${message}`, hint: hint ?? null, output };
}

function summarize(input: ReportInput, fixtures: readonly ReportedFixture[]): Report['summary'] {
  const { divergences, failedExpectations } = input.comparison;
  const results = fixtures.flatMap(fixture => Object.values(fixture.results));
  const programs = results.flatMap(result => Object.values(result.programs));
  const withVerdict = (verdict: string) =>
    programs.filter(program => program.verdict === verdict).length;
  const answers = input.targets.length * input.fixtures.length;
  const undeclared = divergences.filter(
    each => !each.expected && !isToldByFailure(each, failedExpectations),
  );
  // What fails on several targets is one thing to mend.
  const failed = new Set(
    failedExpectations.map(each => JSON.stringify([each.fixture, each.subject, each.declaredAt])),
  );
  return {
    targets: input.targets.length,
    fixtures: fixtures.length,
    programs: input.fixtures.flatMap(fixture => fixture.inspected.programs).length,
    accepted: withVerdict('accept'),
    rejected: withVerdict('reject'),
    unsupported: withVerdict('unsupported'),
    divergent: new Set(divergences.map(rowOf)).size,
    unexpected: undeclared.length + failed.size,
    infrastructure: answers - results.filter(result => result.status !== 'infra').length,
    broken: fixtures.filter(({ error }) => error !== undefined).length,
  };
}

/** A program, or all that a scenario brings. */
function rowOf({ fixture, subject }: Divergence): string {
  return isOfScenario(subject) ? fixture : `${fixture}\n${subject}`;
}
