import { expect, test } from 'vitest';
import type { LoadedProgram } from '../../harness/agent/agent-session.ts';
import { rejectedSource } from '../../harness/run/rejected-source.ts';

type Source = NonNullable<LoadedProgram['source']>;

const LOG = '0: (b7) r0 = 0 ; R0=0\n1: (95) exit\n';

function loaded(source: Partial<Source> | null): LoadedProgram {
  const at = { file: './a.bpf.c', line: 3, column: 7, text: '\treturn *v;' };
  return {
    ...{ type: 'program', id: 1, name: 'a', section: 'xdp', programType: 'xdp', verdict: 'reject' },
    ...{ errno: 'EACCES', message: '', stage: 'load', missing: null, insns: 2, peakStates: 1 },
    ...{ totalStates: 1, stackDepths: [0], logBytes: 0, logOmitted: 0, loadNs: 1e6 },
    source: source === null ? null : { insn: 1, function: 'a', at, trace: '', ...source },
    log: Buffer.from(LOG),
  };
}

test.each([
  ['./fixtures/a.bpf.c', 'fixtures/a.bpf.c'],
  ['fixtures/include/../a.bpf.c', 'fixtures/a.bpf.c'],
  ['./../elsewhere/a.bpf.c', '../elsewhere/a.bpf.c'],
  ['/work/fixtures/a.bpf.c', 'fixtures/a.bpf.c'],
  ['/home/builder/a.bpf.c', '/home/builder/a.bpf.c'],
  ['/workshop/a.bpf.c', '/workshop/a.bpf.c'],
])('%s is named %s', (file, name) => {
  const source = rejectedSource(loaded({ at: { file, line: 3, column: 7, text: 'x' } }), '/work');
  expect(source?.at).toEqual({ file: name, line: 3, column: 7, text: 'x' });
});

test('steps come from the log, and what they did to registers perhaps from a more verbose one', () => {
  expect(rejectedSource(loaded({}), '/work')?.steps.map(({ text }) => text)).toEqual([
    'r0 = 0',
    'exit',
  ]);
  const trace = '1: R0=inv0 R10=fp0\n1: (95) exit\n';
  expect(rejectedSource(loaded({ trace }), '/work')?.steps).toEqual([
    { insn: 0, text: 'r0 = 0', state: {} },
    { insn: 1, text: 'exit', state: { R0: 'inv0' } },
  ]);
});

test('what the agent does not know is not made up', () => {
  expect(rejectedSource(loaded(null), '/work')).toBeNull();
  expect(rejectedSource(loaded({ at: null }), '/work')?.at).toBeNull();
});
