import { beforeAll, describe, expect, test } from 'vitest';
import { EMPTY_BASELINE } from '../../harness/baseline/baseline-schema.ts';
import { takeBaseline } from '../../harness/baseline/take-baseline.ts';
import { type Comparison, compareAnswers } from '../../harness/compare/compare.ts';
import type { Divergence } from '../../harness/compare/divergence.ts';
import type { Fixture } from '../../harness/fixtures/fixture.ts';
import type { ReportedProgram, ReportedResult } from '../../harness/report/report-schema.ts';
import { runBootedSuite, runSuite, type SuiteRun } from '../support/suite.ts';
import { withoutEach } from '../support/without-declaration.ts';

/** Only these fixtures, while one is written: `FIXTURES='fixtures/lru*.bpf.c'`. */
const patterns = process.env['FIXTURES']?.split(' ') ?? [];

/** The whole suite on five kernels, twice: a restored guest for each fixture, and one booted guest for each kernel. */
let restored: SuiteRun;
let booted: SuiteRun;

beforeAll(async () => {
  booted = await runBootedSuite(patterns);
  restored = await runSuite({ fresh: false, isolation: 'fixture', patterns });
}, 1_800_000);

/** Compares what the kernels said of a fixture, as if it declared something else. */
function compare(fixture: Fixture): Comparison {
  const results = restored.report.fixtures.find(({ id }) => id === fixture.id)?.results ?? {};
  return compareAnswers({
    ...{ targets: restored.report.targets, fixtures: [fixture] },
    observation: target => results[target],
  });
}

/** A value is one place: what is ignored of it is told as a whole. */
const place = ({ subject, path, field }: Pick<Divergence, 'subject' | 'path' | 'field'>) =>
  `${subject.slice(0, subject.length - path.length)} ${field}`;

function unexpected(fixture: Fixture): string[] {
  return compare(fixture)
    .divergences.filter(each => !each.expected)
    .map(place);
}

describe('the suite', () => {
  test('differs between kernels only as it declares', () => {
    expect(restored.report.divergences.filter(each => !each.expected)).toEqual([]);
    expect(restored.report.failedExpectations).toEqual([]);
    expect(restored.report.summary.infrastructure).toBe(0);
  });

  test('without one of its declarations, shows that very difference and nothing else', () => {
    const wrong = restored.fixtures.flatMap(fixture => {
      const before = compare(fixture).divergences.map(place);
      return withoutEach(fixture).flatMap(({ without, fixture: variant }) => {
        const after = compare(variant);
        const others = after.divergences.filter(
          each => !each.expected && !before.includes(place(each)),
        );
        return others.map(each => `without ${without}: ${place(each)}`);
      });
    });
    expect(wrong).toEqual([]);
  });

  test('declares nothing in vain: every difference shows without one of its declarations', () => {
    const hidden = restored.fixtures.flatMap(fixture => {
      const shown = new Set(withoutEach(fixture).flatMap(each => unexpected(each.fixture)));
      return compare(fixture)
        .divergences.filter(each => each.declaredAt !== undefined && !shown.has(place(each)))
        .map(each => `${fixture.id}: ${place(each)}, declared at ${each.declaredAt}`);
    });
    expect(hidden).toEqual([]);
  });
});

describe('a restored guest', () => {
  test('is not a booted one, and none was lost', () => {
    const starts = ({ report }: SuiteRun) => report.targets.map(({ start }) => start);
    expect(starts(booted)).toEqual(Array(5).fill('boot'));
    expect(starts(restored)).toEqual(Array(5).fill('restore'));
    expect(booted.report.summary.infrastructure).toBe(0);
  });

  test('gives the same report of targets, of the whole, and of what differs', () => {
    const whole = ({
      report: { targets, summary, divergences, failedExpectations },
    }: SuiteRun) => ({
      ...{ summary, divergences: divergences.map(place), failedExpectations },
      targets: targets.map(({ startMs, start, ...same }) => same),
    });
    expect(whole(restored)).toEqual(whole(booted));
  });

  test('gives the same answers, verifier logs and kernel messages for every fixture', () => {
    for (const [index, fixture] of booted.report.fixtures.entries()) {
      const other = restored.report.fixtures[index];
      for (const [target, result] of Object.entries(fixture.results)) {
        const again = other?.results[target];
        if (again === undefined) throw new Error(`${fixture.id}: no result of ${target}`);
        expect(comparable(again), `${fixture.id} on ${target}`).toEqual(comparable(result));
      }
    }
  });

  test('does the same in every scenario, but for what the scenario leaves open', () => {
    const kept = ({ report }: SuiteRun) =>
      takeBaseline(report, { before: EMPTY_BASELINE, isWhole: true });
    expect(kept(restored)).toEqual(kept(booted));
  });
});

/** A result without times and addresses, which differ from one boot to the next. */
function comparable(result: ReportedResult) {
  const { kernelLog } = result.status === 'ran' ? result : { kernelLog: [] };
  const programs = Object.entries(result.programs).map(([name, program]) => {
    const { loadMs, log, logOmitted, ...facts } = program;
    return [name, { ...facts, ...comparableLog(program) }];
  });
  return { status: result.status, kernelLog, programs: Object.fromEntries(programs) };
}

/** Of a long log the middle is left out: where its second half begins moves with the digits of the time at its end. */
function comparableLog({ log, logOmitted }: Pick<ReportedProgram, 'log' | 'logOmitted'>) {
  if (logOmitted === 0) return { log: withoutTimes(log) };
  const half = log.length / 2;
  const begin = withoutTimes(log.slice(0, half));
  const end = withoutTimes(log.slice(half));
  return { begin, end: end.slice(-half + 1000), length: begin.length + logOmitted + end.length };
}

function withoutTimes(log: string): string {
  return log
    .replaceAll(/^verification time .*$/gm, 'verification time')
    .replaceAll(/\b(?:0x)?f{4}[0-9a-f]{12}\b/g, 'ADDRESS');
}
