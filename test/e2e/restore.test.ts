import { beforeAll, describe, expect, test } from 'vitest';
import { processContext } from '../../harness/commands/context.ts';
import { findPackage } from '../../harness/commands/find-package.ts';
import { prepareFixtures } from '../../harness/commands/prepare-fixtures.ts';
import { produceReport } from '../../harness/commands/produce-report.ts';
import { loadConfig } from '../../harness/config/load-config.ts';
import type { Report, ReportedResult } from '../../harness/report/report-schema.ts';
import type { Isolation } from '../../harness/run/plan.ts';
import { PACKAGE_ROOT } from '../support/command-line.ts';

/** This repository's own suite on its five kernels: as many boots, and a restored guest for each fixture. */
let booted: Report;
let restored: Report;

beforeAll(async () => {
  booted = await runSuite({ fresh: true, isolation: 'target' });
  restored = await runSuite({ fresh: false, isolation: 'fixture' });
}, 600_000);

interface Way {
  readonly fresh: boolean;
  readonly isolation: Isolation;
}

async function runSuite({ fresh, isolation }: Way): Promise<Report> {
  const { signal } = new AbortController();
  const place = findPackage(import.meta.dirname);
  const context = { ...processContext({ ...place, signal }), folder: PACKAGE_ROOT };
  const loaded = await loadConfig(PACKAGE_ROOT, undefined);
  return produceReport({
    fixtures: await prepareFixtures([], loaded, context),
    loaded: { ...loaded, config: { ...loaded.config, isolation } },
    ...{ context, listener: () => {} },
    options: { targets: [], log: 'short', accel: 'auto', fresh },
  });
}

test('one was booted, the other restored, and nothing was lost', () => {
  const starts = (report: Report) => report.targets.map(({ start }) => start);
  expect(starts(booted)).toEqual(Array(5).fill('boot'));
  expect(starts(restored)).toEqual(Array(5).fill('restore'));
  expect([booted, restored].map(({ summary }) => summary.infrastructure)).toEqual([0, 0]);
  expect(booted.summary.programs).toBeGreaterThan(100);
});

test('the reports say the same of targets, of the whole, and of what differs', () => {
  const whole = ({ targets, summary, divergences, failedExpectations }: Report) => ({
    ...{ summary, divergences, failedExpectations },
    targets: targets.map(({ startMs, start, ...same }) => same),
  });
  expect(whole(restored)).toEqual(whole(booted));
});

describe('every fixture', () => {
  test('has the same answers, verifier logs and kernel messages on every kernel', () => {
    for (const [index, fixture] of booted.fixtures.entries()) {
      const other = restored.fixtures[index];
      expect(other?.id).toBe(fixture.id);
      for (const [target, result] of Object.entries(fixture.results)) {
        const again = other?.results[target];
        if (again === undefined) throw new Error(`${fixture.id}: no result of ${target}`);
        expect({ on: target, ...comparable(again) }, `${fixture.id} on ${target}`).toEqual({
          on: target,
          ...comparable(result),
        });
      }
    }
  });
});

/** A result without times and addresses, which differ from one boot to the next. */
function comparable(result: ReportedResult) {
  const { durationMs, ...rest } = result;
  const programs = Object.entries(result.programs).map(([name, program]) => {
    const { loadMs, log, ...facts } = program;
    return [name, { ...facts, log: withoutTimes(log) }];
  });
  return { ...rest, programs: Object.fromEntries(programs) };
}

function withoutTimes(log: string): string {
  return log
    .replaceAll(/^verification time .*$/gm, 'verification time')
    .replaceAll(/\b(?:0x)?f{4}[0-9a-f]{12}\b/g, 'ADDRESS');
}
