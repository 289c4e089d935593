import { expect, test } from 'vitest';
import { Stopwatch } from '../../harness/vm/stopwatch.ts';

test('counts from when it was started, but not while it stands', () => {
  let now = 130;
  const watch = new Stopwatch(100, () => now);
  expect(watch.milliseconds).toBe(30);
  watch.stop();
  now = 1000;
  expect(watch.milliseconds).toBe(30);
  watch.start();
  now = 1005;
  watch.start();
  expect(watch.milliseconds).toBe(35);
  watch.stop();
  watch.stop();
  expect(watch.milliseconds).toBe(35);
});
