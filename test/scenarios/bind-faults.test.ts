import { expect, test } from 'vitest';
import { CrossbpfError } from '../../harness/crossbpf-error.ts';
import type { UserScenario } from '../../harness/scenarios/scenario-schema.ts';
import { bind } from '../support/bound-scenario.ts';

function faultOf(scenario: UserScenario): string {
  try {
    bind(scenario);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(CrossbpfError);
    const { code, message, facts } = thrown as CrossbpfError;
    expect({ code, file: facts.file }).toEqual({
      code: 'USAGE_BAD_SCENARIO',
      file: 'f.scenario.ts:1',
    });
    return message;
  }
  throw new Error('nothing is wrong');
}

test.each<[UserScenario, string]>([
  [
    { steps: [{ run: 'cuont' }] },
    'steps[0].run: the object has no program cuont. Did you mean count?',
  ],
  [
    { steps: [{ attach: 'count', as: 'p' }, { detach: 'count' }] },
    'steps[1].detach: no step before it attaches count. Known: p.',
  ],
  [
    { steps: [{ detach: 'p' }] },
    'steps[0].detach: no step before it attaches p. Nothing is attached by then.',
  ],
  [
    { steps: [{ attach: 'probe' }, { attach: 'probe' }] },
    'steps[1]: probe is attached already. Give one of them another name: as.',
  ],
  [
    {
      steps: [
        { run: 'count', name: 'a' },
        { run: 'check', name: 'a' },
      ],
    },
    'steps[1].name: steps[0] is named "a" too',
  ],
  [
    { steps: [{ run: 'check', dataOut: true }] },
    'steps[0].run: check is of type lsm, which gives no data out',
  ],
  [
    { steps: [{ lookup: 'conts', key: 1 }] },
    'steps[0].lookup: the object has no map conts. Did you mean counts?',
  ],
  [{ steps: [{ lookup: 'counts' }] }, 'steps[0].key: it is missing (the key in counts)'],
  [{ steps: [{ lookup: 'fifo', key: 1 }] }, 'steps[0].key: a map of type queue has no key'],
  [
    { steps: [{ pop: 'counts' }] },
    'steps[0].pop: a map of type hash cannot pop. Only a queue or a stack can; take a key from another map.',
  ],
  [{ steps: [{ delete: 'fifo', key: 1 }] }, 'steps[0].key: a map of type queue has no key'],
  [
    { steps: [{ lookup: 'events', key: 1 }] },
    'steps[0].lookup: events holds records and no values: read it in a step, { read: … }',
  ],
  [
    { steps: [{ update: 'jumps', key: 1, value: 1 }] },
    'steps[0].update: jumps holds programs: fill it in the object, with .values',
  ],
  [
    { steps: [{ read: 'sockets' }] },
    'steps[0].read: sockets belongs to sockets, tasks, inodes or cgroups, and only programs can read it',
  ],
  [
    { steps: [{ read: 'filter' }] },
    'steps[0].read: filter is a bloom filter, which does not tell what is in it',
  ],
  [
    { steps: [{ update: 'limits', key: 0, value: { low: 300 } }] },
    'steps[0].value.low: 300 does not fit u8 (0 to 255)',
  ],
  [
    { steps: [{ trigger: { run: './nowhere' } }] },
    'steps[0].trigger.run: ./nowhere cannot be read (ENOENT). It is relative to the scenario.',
  ],
  [{ maps: { conts: [] } }, 'maps.conts: the object has no map conts. Did you mean counts?'],
  [
    { maps: { per_cpu: [{ key: 0, value: [] }] } },
    'maps.per_cpu[0].value: a value for each processor, but there is none',
  ],
  [
    { variables: { hit: 1 } },
    'variables.hit: the object has no global variable hit. Did you mean hits?',
  ],
  [{ variables: { threshold: -1 } }, 'variables.threshold: -1 does not fit u32 (0 to 4294967295)'],
  [
    { steps: [{ run: 'count', expect: { retval: 'XDP_PAS' } }] },
    'steps[0].expect[0].retval: a program of type xdp does not return XDP_PAS. Did you mean XDP_PASS?',
  ],
  [
    { steps: [{ run: 'check', expect: { retval: 'EPERM' } }] },
    "steps[0].expect[0].retval: a program of type lsm does not return EPERM. Write a number, or an error such as '-EPERM'.",
  ],
  [
    { steps: [{ lookup: 'counts', key: 1, expect: { retval: 1 } }] },
    'steps[0].expect[0].retval: only a step that runs a program has it',
  ],
  [
    { steps: [{ delete: 'counts', key: 1, expect: { value: 1 } }] },
    'steps[0].expect[0].value: the step reads nothing',
  ],
  [
    { expect: { program: 'cuont', verdict: 'accept' } },
    'expect[0].program: the object has no program cuont. Did you mean count?',
  ],
  [
    { expect: { maps: { conts: [] } } },
    'expect[0].maps.conts: the object has no map conts. Did you mean counts?',
  ],
  [
    { expect: { maps: { '.bss': [] } } },
    'expect[0].maps..bss: .bss holds global variables. Expect them by name: variables.',
  ],
  [
    { expect: { maps: { events: [] } } },
    'expect[0].maps.events: it cannot be read at the end: events holds records and no values: read it in a step, { read: … }',
  ],
  [
    { expect: { maps: { big: [] } } },
    "expect[0].maps.big: it is too large to be read at the end (1000000 entries of 12 bytes; the limit is 4096 entries and 1048576 bytes). Look up single keys in steps: { lookup: 'big', key: … }.",
  ],
  [
    { expect: { maps: { limits: [{ key: 'x' }] } } },
    'expect[0].maps.limits[0].key: expected an integer (u32), got "x"',
  ],
  [
    { expect: { variables: { hit: 1 } } },
    'expect[0].variables.hit: the object has no global variable hit. Did you mean hits?',
  ],
  [
    { expect: { steps: { 'run cuont': { retval: 1 } } }, steps: [{ run: 'count' }] },
    "expect[0].steps['run cuont']: there is no step named run cuont. Did you mean run count?",
  ],
  [
    { compare: { maps: { x: { ignore: 'all', because: 'y' } } } },
    'compare.maps.x: the object has no map x. Known: ',
  ],
])('%j: %s', (scenario, message) => {
  expect(faultOf(scenario)).toContain(message);
});

test('what is wrong with a step does not make its name wrong too', () => {
  const scenario: UserScenario = {
    steps: [{ run: 'cuont', name: 'first' }],
    expect: { steps: { first: { retval: 1 } } },
  };
  expect(faultOf(scenario)).toBe(
    'steps[0].run: the object has no program cuont. Did you mean count?',
  );
});
