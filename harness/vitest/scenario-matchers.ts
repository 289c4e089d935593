import { mismatches } from '../compare/match.ts';
import { describeMatcher } from '../compare/matcher.ts';
import { MapContents, type Node } from '../compare/node.ts';
import { shortText } from '../compare/texts.ts';
import type { Report, ReportedResult } from '../report/report-schema.ts';
import type { MatcherResult } from './report-matchers.ts';

/** Matchers for what came of a scenario, as `expect.extend` takes them. */
export const scenarioMatchers = {
  toReturnFrom(
    report: Report,
    step: string,
    { retval, target }: { readonly retval: string | number; readonly target: string },
  ): MatcherResult {
    const found = resultsOn(report, target)
      .flatMap(result => result.steps)
      .find(({ name }) => name === step);
    const said = found?.retval ?? null;
    const forms = said === null ? [] : [said, said | 0, found?.retvalName];
    return {
      pass: forms.includes(retval),
      message: () => {
        const expected = `expected step ${step} to return ${retval} on ${target}`;
        if (found === undefined) return `${expected}; there is no such step`;
        if (found.status !== 'ok') return `${expected}; it ${found.status}: ${found.message}`;
        return `${expected}; it returned ${found.retvalName ?? said ?? 'nothing'}`;
      },
    };
  },

  toHold(
    report: Report,
    name: string,
    { value, target }: { readonly value: unknown; readonly target: string },
  ): MatcherResult {
    const node = contentsOf(resultsOn(report, target), name);
    const wrong = mismatches(value, node);
    return {
      pass: node !== undefined && wrong.length === 0,
      message: () => {
        if (node === undefined) return `expected ${name} to be read on ${target}; it was not`;
        const places = wrong.map(
          ({ path, expected, actual }) =>
            `\n  ${name}${path.join('')}: expected ${expected}, got ${actual}`,
        );
        return places.length === 0
          ? `expected ${name} not to be ${describeMatcher(value)} on ${target}; it is ${shortText(node)}`
          : `expected otherwise of ${name} on ${target}:${places.join('')}`;
      },
    };
  },
};

type Ran = ReportedResult & { status: 'ran' };

function resultsOn(report: Report, target: string): Ran[] {
  return report.fixtures.flatMap(({ results }) => {
    const result = results[target];
    return result?.status === 'ran' ? [result] : [];
  });
}

/** A map by its name, or a global variable by its own; undefined for what was not read. */
function contentsOf(results: readonly Ran[], name: string): Node | undefined {
  const maps = results.flatMap(({ maps }) => Object.entries(maps));
  const [, map] = maps.find(([each]) => each === name) ?? [];
  if (map?.kind === 'entries') return new MapContents(map.entries);
  const sections = maps.flatMap(([each, section]) =>
    each.startsWith('.') && section.kind === 'entries' ? section.entries : [],
  );
  const variables = sections.flatMap(({ value }) => Object.entries(value ?? {}));
  return variables.find(([variable]) => variable === name)?.[1] as Node | undefined;
}
