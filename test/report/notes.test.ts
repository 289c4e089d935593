import { expect, test } from 'vitest';
import { explainNotes } from '../../harness/report/matrix/notes.ts';
import { program, report } from '../support/report-builder.ts';

const targets = { 'linux@5.10': '5.10.262', 'linux@6.12': '6.12.118' };

test('what the loader did on its own is said once for a fixture, with the kernels where they differ', () => {
  const size = 'map stacks: it got a value size of 1016 bytes, for 127 frames';
  const types = "the program's BTF was left out, which the kernel refuses: Invalid name";
  const said = explainNotes(
    report({
      targets,
      fixtures: {
        profile: {
          'linux@5.10': {
            one: program({ notes: [size] }),
            two: program({ notes: [size, types] }),
          },
          'linux@6.12': { one: program({ notes: [size] }), two: program() },
        },
        plain: { 'linux@5.10': { one: program() }, 'linux@6.12': { one: program() } },
      },
    }),
  );
  expect(said.map(({ text }) => text)).toEqual([`profile: ${size}`, `profile: 5.10: ${types}`]);
});
