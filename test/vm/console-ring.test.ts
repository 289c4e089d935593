import { expect, test, vi } from 'vitest';
import { ConsoleRing } from '../../harness/vm/console-ring.ts';

function ringOf(...chunks: string[]): ConsoleRing {
  const ring = new ConsoleRing();
  for (const chunk of chunks) ring.write(Buffer.from(chunk));
  return ring;
}

test('puts lines together that arrive in pieces, with either line end', () => {
  expect(ringOf('one\r', '\ntw', 'o\nthr').tail()).toEqual(['one', 'two', 'thr']);
});

test('puts characters together that arrive in pieces', () => {
  const ring = new ConsoleRing();
  for (const byte of Buffer.from('größe\n')) ring.write(Buffer.from([byte]));
  expect(ring.tail()).toEqual(['größe']);
});

test('leaves out empty lines and what would drive a terminal', () => {
  expect(ringOf('\n\n\u001b[31mred\u001b[0m\u0007\n\u001b]0;title\u0007x\n').tail()).toEqual([
    'red',
    'x',
  ]);
});

test('keeps the last lines only, and the start of a long one', () => {
  const ring = new ConsoleRing({ lines: 3, lineLength: 5 });
  for (let line = 0; line < 100; line++) ring.write(Buffer.from(`${line}-abcdefgh\n`));
  expect(ring.tail()).toEqual(['97-ab', '98-ab', '99-ab']);
  expect(ring.tail(1)).toEqual(['99-ab']);
});

test('does not grow with a line that never ends', () => {
  const ring = new ConsoleRing({ lineLength: 10 });
  for (let chunk = 0; chunk < 1000; chunk++) ring.write(Buffer.alloc(1000, 'x'));
  expect(ring.tail()).toEqual(['xxxxxxxxxx']);
});

test('tells of a panic once, as soon as its line is complete', () => {
  const onPanic = vi.fn();
  const ring = new ConsoleRing({ onPanic });
  ring.write(Buffer.from('[    2.3] Kernel panic - not sync'));
  expect(onPanic).not.toHaveBeenCalled();
  ring.write(Buffer.from('ing: sysrq triggered crash\r\n[    2.4] CPU: 0\n'));
  ring.write(Buffer.from('---[ end Kernel panic - not syncing: sysrq triggered crash ]---\n'));
  expect(onPanic.mock.calls).toEqual([['Kernel panic - not syncing: sysrq triggered crash']]);
  expect(ring.panic).toBe('Kernel panic - not syncing: sysrq triggered crash');
});
