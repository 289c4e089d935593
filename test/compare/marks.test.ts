import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { renderMatrix } from '../../harness/report/matrix/render.ts';
import type { UserScenario } from '../../harness/scenarios/scenario-schema.ts';
import {
  compareScenario,
  drop,
  fail,
  failureLines,
  differenceLines as lines,
  pass,
  RUN,
  reportScenario,
} from '../support/compare-scenario.ts';
import { accepted, rejected } from '../support/fixture-builder.ts';
import { contents, played, step, variables } from '../support/scenario-fixture.ts';

type Said = Parameters<typeof reportScenario>[1];

const failed = played({ steps: [fail('run count', 'EINVAL')] });
const passed = played({ steps: [pass] });
const dropped = played({ steps: [drop] });
const expecting = (retval: string): UserScenario => ({ steps: [{ ...RUN, expect: { retval } }] });
const hits = (value: number) => played({ maps: { '.bss': variables({ hits: value }) } });

/** The signs of the row `scenario`, one for each target. */
function signs(scenario: UserScenario, said: Said): string {
  const report = reportScenario(scenario, said);
  const shown = stripVTControlCharacters(renderMatrix(report, { columns: 120, color: false }));
  const row = shown.split('\n').find(line => /^[≠~ ]\s+scenario /.test(line)) ?? '';
  return row.replace(/^.*scenario/, '').replace(/\s+/g, '');
}

describe('a scenario’s marks, wherever the majority is', () => {
  test.each<[string, UserScenario, Said, string]>([
    ['one step fails', { steps: [RUN] }, [failed, passed, passed], '✗✓✓'],
    ['it fails on most', { steps: [RUN] }, [failed, failed, passed], '✗✗✓'],
    ['it fails on all', { steps: [RUN] }, [failed, failed, failed], '✗✗✗'],
    ['one is not as expected', expecting('XDP_PASS'), [dropped, passed, passed], '✗✓✓'],
    ['most are not as expected', expecting('XDP_PASS'), [dropped, dropped, passed], '✗✗✓'],
    ['nothing is expected, one is odd', { steps: [RUN] }, [dropped, passed, passed], '≠✓✓'],
    [
      'a variable, on most',
      { expect: { variables: { hits: 1 } } },
      [hits(2), hits(2), hits(1)],
      '✗✗✓',
    ],
    [
      'declared for a range',
      { steps: [{ ...RUN, expect: [{ on: 'linux <6', errno: 'EINVAL' }] }] },
      [failed, passed, passed],
      '~✓✓',
    ],
  ])('%s', (_, scenario, said, expected) => {
    expect(signs(scenario, said)).toBe(expected);
  });
});

describe('what is expected on a range is declared for it', () => {
  test.each<[string, object]>([
    ['by its error', { errno: 'EINVAL' }],
    ['by its message', { message: /did not work/ }],
  ])('a step that fails there, %s', (_, what) => {
    const scenario = { steps: [{ ...RUN, expect: [{ on: 'linux <6', ...what }] }] } as UserScenario;
    const { divergences, failedExpectations } = compareScenario(scenario, [failed, passed, passed]);
    expect(lines(divergences)).toEqual([
      expect.stringMatching(/^~ step run count errno: EINVAL \| ok \| ok/),
    ]);
    expect(failedExpectations).toEqual([]);
  });

  test('a message that is another declares nothing', () => {
    const scenario = { steps: [{ ...RUN, expect: [{ on: 'linux <6', message: /busy/ }] }] };
    const { divergences, failedExpectations } = compareScenario(scenario, [failed, passed]);
    expect(divergences.map(each => each.expected)).toEqual([false]);
    expect(failedExpectations).toHaveLength(1);
  });
});

describe('an expectation that could not be checked fails, and says why', () => {
  const expectHits: UserScenario = { expect: { variables: { hits: 1 } } };

  test('a variable of an object that could not be loaded', () => {
    const message = 'not carried out: program count: load program: invalid argument';
    const said = played({ maps: { '.bss': { kind: 'unreadable', message } } });
    expect(failureLines(compareScenario(expectHits, [said]).failedExpectations)).toEqual([
      `linux@5.10: variable hits: 1 <> it could not be read: ${message} at :4 (expect.variables.hits)`,
    ]);
  });

  test('but not where the program is refused as declared, unless it is said outright', () => {
    const refused = played({
      programs: { count: rejected('R1 is no pointer'), late: rejected('R1 is no pointer') },
    });
    const declared = (['count', 'late'] as const).map(
      program => ({ program, verdict: 'reject', range: 'linux', line: 1 }) as const,
    );
    expect(compareScenario(expectHits, [refused], declared).failedExpectations).toEqual([]);
    const outright: UserScenario = { expect: { on: 'linux', variables: { hits: 1 } } };
    expect(failureLines(compareScenario(outright, [refused], declared).failedExpectations)).toEqual(
      [expect.stringContaining('variable hits: 1 <> no program that uses .bss')],
    );
  });

  test('a step that was skipped where it is expected outright', () => {
    const skipped = played({
      programs: { count: rejected('no'), late: accepted() },
      steps: [step('run count', { status: 'skipped', message: 'program count was rejected' })],
    });
    const scenario: UserScenario = {
      steps: [{ ...RUN, expect: [{ on: 'linux <6', retval: 'XDP_PASS' }] }],
    };
    const declared = { program: 'count', verdict: 'reject', range: 'linux', line: 1 } as const;
    const { failedExpectations } = compareScenario(scenario, [skipped], [declared]);
    expect(failureLines(failedExpectations)).toEqual([
      expect.stringContaining('retval: XDP_PASS <> skipped: program count was rejected'),
    ]);
  });

  test('what a map held is still told where it can be read', () => {
    const scenario: UserScenario = { expect: { maps: { counts: [{ key: 53, value: 3 }] } } };
    const said = played({ maps: { counts: contents({ 53: 2 }) } });
    expect(failureLines(compareScenario(scenario, [said]).failedExpectations)).toHaveLength(1);
  });
});
