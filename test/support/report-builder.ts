import type {
  Report,
  ReportedProgram,
  ReportedResult,
} from '../../harness/report/report-schema.ts';

/** A program's answer in a report, with what a test does not care about filled in. */
export function program(answer: Partial<ReportedProgram> = {}): ReportedProgram {
  const verdict = answer.verdict ?? 'accept';
  return {
    ...{ type: 'xdp', section: 'xdp', verdict, errno: verdict === 'accept' ? null : 'EINVAL' },
    ...{ reason: verdict === 'accept' ? null : 'unknown opcode e5', insns: 12, states: 1 },
    ...{
      stack: [0],
      source: null,
      origin: 'kernel',
      notLoaded: null,
      notes: [],
      analysis: null,
      loadMs: 1.5,
      log: '',
      logOmitted: 0,
    },
    ...answer,
  };
}

export interface ReportParts {
  /** Upstream versions by target id, in order. */
  readonly targets: Readonly<Record<string, string>>;
  /** Programs by fixture, then by target, then by name. */
  readonly fixtures: Readonly<Record<string, Record<string, Record<string, ReportedProgram>>>>;
  readonly divergences?: Report['divergences'];
  readonly failedExpectations?: Report['failedExpectations'];
}

/** A whole report of a few parts. */
export function report(parts: ReportParts): Report {
  const { divergences = [], failedExpectations = [] } = parts;
  const programs = Object.values(parts.fixtures).flatMap(results =>
    Object.values(results).flatMap(result => Object.values(result)),
  );
  const withVerdict = (verdict: string) => programs.filter(each => each.verdict === verdict).length;
  return {
    schema: 'crossbpf/report@1',
    tool: { version: '0.0.0' },
    startedAt: '2026-01-02T03:04:05.000Z',
    durationMs: 1234,
    targets: Object.entries(parts.targets).map(([id, upstream]) => reportedTarget(id, upstream)),
    fixtures: Object.entries(parts.fixtures).map(([id, results]) => reportedFixture(id, results)),
    ...{ divergences, failedExpectations },
    summary: {
      targets: Object.keys(parts.targets).length,
      fixtures: Object.keys(parts.fixtures).length,
      programs: new Set(
        Object.values(parts.fixtures).flatMap(results =>
          Object.values(results).flatMap(result => Object.keys(result)),
        ),
      ).size,
      accepted: withVerdict('accept'),
      rejected: withVerdict('reject'),
      unsupported: withVerdict('unsupported'),
      divergent: divergences.length,
      unexpected: divergences.filter(each => !each.expected).length + failedExpectations.length,
      infrastructure: 0,
      broken: 0,
    },
  };
}

function reportedTarget(id: string, upstream: string): Report['targets'][number] {
  return {
    ...{ id, platform: 'linux', release: `${upstream}-cloud-amd64`, upstream, arch: 'x86_64' },
    ...{ runtime: null, mode: 'vm', accel: 'tcg', start: 'boot', startMs: 3000, warnings: [] },
  };
}

function reportedFixture(
  id: string,
  results: Record<string, Record<string, ReportedProgram>>,
): Report['fixtures'][number] {
  const ran = Object.entries(results).map(([target, programs]): [string, ReportedResult] => [
    target,
    { status: 'ran', durationMs: 5, programs, steps: [], maps: {}, kernelLog: [] },
  ]);
  return {
    ...{
      id,
      source: `fixtures/${id}.bpf.c`,
      compiler: null,
      digest: 'd'.repeat(64),
      sha256: '0'.repeat(64),
    },
    loose: [],
    results: Object.fromEntries(ran),
  };
}
