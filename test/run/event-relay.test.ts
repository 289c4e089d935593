import { expect, test } from 'vitest';
import { EventRelay } from '../../harness/run/event-relay.ts';
import type { RunEvent } from '../../harness/run/events.ts';

test('what happens before anyone listens is told first, and once', () => {
  const relay = new EventRelay();
  const notice = (message: string): RunEvent => ({ type: 'target:notice', target: 'a', message });
  const heard: RunEvent[] = [];
  relay.emit(notice('early'));
  relay.listen(event => heard.push(event));
  relay.emit(notice('late'));
  expect(heard).toEqual([notice('early'), notice('late')]);
});
