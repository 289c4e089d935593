import { beforeAll, describe, expect, test } from 'vitest';
import { processContext } from '../../harness/commands/context.ts';
import { findPackage } from '../../harness/commands/find-package.ts';
import { prepareFixtures } from '../../harness/commands/prepare-fixtures.ts';
import { produceReport } from '../../harness/commands/produce-report.ts';
import { type Comparison, compareAnswers } from '../../harness/compare/compare.ts';
import type { Divergence } from '../../harness/compare/divergence.ts';
import { loadConfig } from '../../harness/config/load-config.ts';
import type { Fixture } from '../../harness/fixtures/fixture.ts';
import type { Report } from '../../harness/report/report-schema.ts';
import { PACKAGE_ROOT } from '../support/command-line.ts';
import { withoutEach } from '../support/without-declaration.ts';

/** Only these fixtures, while one is written: `FIXTURES='fixtures/lru*.bpf.c'`. */
const PATTERNS = process.env['FIXTURES']?.split(' ') ?? [];

let fixtures: readonly Fixture[] = [];
let report: Report;

/** The whole suite on the kernels of this repository's own configuration. */
beforeAll(async () => {
  const place = findPackage(PACKAGE_ROOT);
  const context = processContext({ ...place, signal: new AbortController().signal });
  const loaded = await loadConfig(PACKAGE_ROOT);
  fixtures = await prepareFixtures(PATTERNS, loaded, context);
  report = await produceReport({
    ...{ fixtures, loaded, context, listener: () => {} },
    options: { targets: [], log: 'short', accel: 'auto', fresh: false },
  });
}, 900_000);

/** Compares what the kernels said of a fixture, as if it declared something else. */
function compare(fixture: Fixture): Comparison {
  const results = report.fixtures.find(({ id }) => id === fixture.id)?.results ?? {};
  return compareAnswers({
    ...{ targets: report.targets, fixtures: [fixture] },
    observation: target => results[target],
  });
}

/** A value is one place: what is ignored of it is told as a whole. */
const place = ({ subject, path, field }: Divergence) =>
  `${subject.slice(0, subject.length - path.length)} ${field}`;

function unexpected(fixture: Fixture): string[] {
  return compare(fixture)
    .divergences.filter(each => !each.expected)
    .map(place);
}

describe('the suite', () => {
  test('differs between kernels only as it declares', () => {
    expect(report.divergences.filter(each => !each.expected)).toEqual([]);
    expect(report.failedExpectations).toEqual([]);
    expect(report.summary.infrastructure).toBe(0);
  });

  test('without one of its declarations, shows that very difference and nothing else', () => {
    const wrong = fixtures.flatMap(fixture => {
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
    const hidden = fixtures.flatMap(fixture => {
      const shown = new Set(withoutEach(fixture).flatMap(each => unexpected(each.fixture)));
      return compare(fixture)
        .divergences.filter(each => each.declaredAt !== undefined && !shown.has(place(each)))
        .map(each => `${fixture.id}: ${place(each)}, declared at ${each.declaredAt}`);
    });
    expect(hidden).toEqual([]);
  });
});
