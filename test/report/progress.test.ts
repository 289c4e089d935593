import { expect, test } from 'vitest';
import { CrossbpfError } from '../../harness/crossbpf-error.ts';
import { ProgressDisplay } from '../../harness/report/progress.ts';
import type { RunEvent } from '../../harness/run/events.ts';

const download = (doneBytes: number): RunEvent => ({
  type: 'kernel:progress',
  progress: { type: 'kernel:downloading', release: '6.1.0-56', doneBytes, totalBytes: 27e6 },
});

const EVENTS: readonly RunEvent[] = [
  download(0),
  download(9e6),
  download(27e6),
  { type: 'run:starting', targets: ['linux@6.1'], fixtures: ['a', 'b'] },
  { type: 'target:snapshot', target: 'linux@6.1', event: { type: 'snapshot:saving' } },
  { type: 'target:notice', target: 'linux@6.1', message: 'no module veth' },
  {
    ...{ type: 'fixture:observed', target: 'linux@6.1', fixture: 'a' },
    observation: { status: 'ran', durationMs: 1, programs: {}, steps: [], maps: {}, kernelLog: [] },
  },
  {
    ...{ type: 'target:failed', target: 'linux@7' },
    error: new CrossbpfError({ code: 'INFRA_X', message: 'it is gone', target: 'linux@7' }),
  },
];

function show(isTerminal: boolean, columns = 80): string {
  let written = '';
  const display = new ProgressDisplay({
    ...{ isTerminal, columns, color: false },
    write: text => {
      written += text;
    },
  });
  for (const event of EVENTS) display.onEvent(event);
  display.clear();
  return written;
}

test('in a pipe: few whole lines, each thing once, no control characters', () => {
  expect(show(false).split('\n')).toEqual([
    expect.stringMatching(/^downloading 6\.1\.0-56: 0 \S+ of 27 MB$/),
    'linux@6.1: no module veth',
    'error: linux@7: it is gone',
    '',
  ]);
});

test('on a terminal: one line that changes, and is gone in the end', () => {
  const written = show(true);
  const redraw = '\r\u001b[K';
  expect(written.split(redraw)).toEqual([
    ...['', expect.stringMatching(/ 0 \S+ of 27 MB$/), 'downloading 6.1.0-56: 9.0 MB of 27 MB'],
    ...['downloading 6.1.0-56: 27 MB of 27 MB', '0/2 '],
    '0/2 booting linux@6.1 for the first time',
    'linux@6.1: no module veth\n',
    ...['1/2 booting linux@6.1 for the first time', 'error: linux@7: it is gone\n'],
  ]);
});

test('on a narrow terminal the line does not wrap', () => {
  const lines = show(true, 20)
    .split('\r\u001b[K')
    .filter(line => !line.endsWith('\n'));
  expect(Math.max(...lines.map(line => line.length))).toBeLessThan(20);
});
