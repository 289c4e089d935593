import { describe, expect, test } from 'vitest';
import {
  compareScenario as compare,
  drop,
  fail,
  differenceLines as lines,
  pass,
  RUN,
} from '../support/compare-scenario.ts';
import { accepted, rejected } from '../support/fixture-builder.ts';
import { contents, played, step, variables } from '../support/scenario-fixture.ts';

describe('what differs between targets', () => {
  test('nothing, where all say the same', () => {
    const same = played({ steps: [pass], maps: { counts: contents({ 53: 7 }) } });
    expect(compare({ steps: [RUN] }, [same, same, same])).toMatchObject({
      ...{ divergences: [], failedExpectations: [] },
    });
  });

  test('a return value, by name', () => {
    const said = [played({ steps: [pass] }), played({ steps: [drop] }), played({ steps: [drop] })];
    expect(lines(compare({ steps: [RUN] }, said).divergences)).toEqual([
      '≠ step run count retval: XDP_PASS | XDP_DROP | XDP_DROP',
    ]);
  });

  test('a return value without a name, an error as a negative number', () => {
    const returning = (retval: number) => played({ steps: [step('run count', { retval })] });
    const said = [returning(4294967295), returning(7), returning(4000000000)];
    expect(lines(compare({ steps: [RUN] }, said).divergences)).toEqual([
      '≠ step run count retval: -1 | 7 | 4000000000',
    ]);
  });

  test('data, from the first byte that differs', () => {
    const data = (byte: string) =>
      played({
        steps: [step('run count', { dataOut: `0x${'00'.repeat(40)}${byte}${'11'.repeat(9)}` })],
      });
    expect(lines(compare({ steps: [RUN] }, [data('aa'), data('bb')]).divergences)).toEqual([
      '≠ step run count dataOut: 50 bytes, from 40: aa111111111111111111 | 50 bytes, from 40: bb111111111111111111',
    ]);
  });

  test('an error, of which nothing else is told', () => {
    const said = [
      played({ steps: [fail('run count', 'EINVAL')] }),
      played({ steps: [pass] }),
      played({ steps: [pass] }),
    ];
    const { divergences, failedExpectations } = compare({ steps: [RUN] }, said);
    expect(lines(divergences)).toEqual(['≠ step run count errno: EINVAL | ok | ok']);
    expect(failedExpectations).toMatchObject([
      { target: 'linux@5.10', subject: 'step run count', actual: 'EINVAL', undeclared: true },
    ]);
  });

  test('entries of a map, whatever their order, down to the member', () => {
    const config = (limit: number) => contents({ 0: { limit, name: 'eth0' } });
    const said = [
      played({ maps: { counts: contents({ 53: 7, 80: 1 }), config: config(3) } }),
      played({
        maps: {
          counts: {
            kind: 'entries',
            entries: [
              { key: 80, value: 1 },
              { key: 53, value: 7 },
            ],
          },
          config: config(4),
        },
      }),
      played({ maps: { counts: contents({ 53: 9 }), config: config(4) } }),
    ];
    expect(lines(compare({ steps: [RUN] }, said).divergences)).toEqual([
      '≠ map counts[53]: 7 | 7 | 9',
      '≠ map counts[80]: 1 | 1 | absent',
      '≠ map config[0].limit: 3 | 4 | 4',
    ]);
  });

  test('variables, by name', () => {
    const said = [1, 2].map(hits => played({ maps: { '.bss': variables({ hits, misses: 0 }) } }));
    expect(lines(compare({ steps: [RUN] }, said).divergences)).toEqual(['≠ variable hits: 1 | 2']);
  });

  test('what a step read: entries by their keys, records and a queue in their order', () => {
    const steps = [{ read: 'counts' }, { read: 'events' }, { read: 'queue' }];
    const read = (first: number, entries: readonly number[]) =>
      played({
        steps: [
          step('read counts', { value: entries.map(key => ({ key, value: key })) }),
          step('read events', { value: [{ pid: first }, { pid: 2 }] }),
          step('read queue', { value: [{ key: null, value: first }] }),
        ],
      });
    expect(lines(compare({ steps }, [read(1, [53, 80]), read(3, [80])]).divergences)).toEqual([
      '≠ step read counts[53]: 53 | absent',
      '≠ step read events[0].pid: 1 | 3',
      '≠ step read queue[0]: 1 | 3',
    ]);
  });

  test('a map that one target cannot read', () => {
    const said = [
      played({ maps: { counts: { kind: 'unreadable', message: 'it has 70000 entries' } } }),
      played({ maps: { counts: contents({ 53: 7 }) } }),
    ];
    expect(lines(compare({ steps: [RUN] }, said).divergences)).toEqual([
      '≠ map counts: "unreadable: it has 70000 entries" | {53: 7}',
    ]);
  });

  test('of one map no more than twenty places', () => {
    const many = (value: number) =>
      played({
        maps: {
          counts: contents(
            Object.fromEntries(Array.from({ length: 30 }, (_, key) => [key, value])),
          ),
        },
      });
    const told = lines(compare({ steps: [RUN] }, [many(1), many(2)]).divergences);
    expect(told).toHaveLength(20);
    expect(told.at(-1)).toBe('≠ map counts[19]: 1 | 2 and 10 more');
  });

  test('not a step that was skipped, nor what it would have written', () => {
    const scenario = {
      steps: [{ run: 'late' }, RUN],
      expect: { maps: { seen: [{ key: 1, value: 1 }] } },
    };
    const skipped = played({
      programs: { count: accepted(), late: rejected('unknown opcode e5') },
      steps: [step('run late', { status: 'skipped', message: 'late was rejected' }), pass],
      maps: { seen: contents({}), counts: contents({ 53: 7 }) },
    });
    const whole = played({
      steps: [step('run late', { retval: 2, retvalName: 'XDP_PASS' }), pass],
      maps: { seen: contents({ 1: 1 }), counts: contents({ 53: 7 }) },
    });
    const declared = [
      { program: 'late', verdict: 'reject', range: 'linux <6', line: 1 },
      { program: 'late', verdict: 'accept', range: 'linux >=6', line: 2 },
    ] as const;
    const { divergences, failedExpectations } = compare(
      scenario,
      [skipped, whole, whole],
      declared,
    );
    expect(failedExpectations).toEqual([]);
    expect(lines(divergences)).toEqual([
      '~ late verdict: reject | accept | accept (rejected before 6) at fixtures/counters.bpf.c:1',
      '~ map seen[1]: absent | 1 | 1 (not every target accepts late)',
    ]);
    // The verdict alone is told when nobody declares it.
    const undeclared = compare(scenario, [skipped, whole, whole]);
    expect(lines(undeclared.divergences)[0]).toBe('≠ late verdict: reject | accept | accept');
    expect(undeclared.failedExpectations).toEqual([]);
  });
});
