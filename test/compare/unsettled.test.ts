import { expect, test } from 'vitest';
import { unsettledPlaces } from '../../harness/compare/unsettled.ts';
import { scenarioFixture } from '../support/scenario-fixture.ts';

/** `first` takes the address of `one`, `second` the inside of `two`, and both share the section. */
function twoPrograms() {
  const fixture = scenarioFixture({ steps: [{ run: 'count' }, { run: 'late' }] });
  const { inspected } = fixture;
  const [count, late] = inspected.programs;
  if (count === undefined || late === undefined) throw new Error('two programs are needed');
  const variable = (name: string, offset: number) => ({ name, offset, size: 8, layout: null });
  return {
    ...fixture,
    inspected: {
      ...inspected,
      programs: [
        { ...count, maps: ['.bss'], variables: [{ section: '.bss', offset: 0 }] },
        { ...late, maps: ['.bss', 'seen'], variables: [{ section: '.bss', offset: 12 }] },
      ],
      sections: [{ name: '.bss', variables: [variable('one', 0), variable('two', 8)] }],
    },
  };
}

test('a program that is not accepted excuses the maps and variables that it uses, and no others', () => {
  const skipped = {
    ...({
      name: 'run late',
      kind: 'run',
      subject: 'late',
      status: 'skipped',
      errno: null,
    } as const),
    ...{ message: '', retval: null, retvalName: null, dataOut: null, value: null, runNs: null },
  };
  const places = unsettledPlaces(twoPrograms(), [skipped]);
  expect(Object.fromEntries(places)).toEqual({
    ...{ seen: 'late', '.bss': 'late', 'variable two': 'late' },
  });
});
