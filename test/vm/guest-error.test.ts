import { expect, test } from 'vitest';
import { guestEnded } from '../../harness/vm/guest-error.ts';
import type { GuestProcess } from '../../harness/vm/guest-process.ts';

const GUEST = { consoleTail: () => ['the last line'], stderr: '' } as unknown as GuestProcess;

test.each([
  ['Kernel panic - not syncing: System is deadlocked on memory', /memory in the configuration/],
  ['Kernel panic - not syncing: Out of memory: compulsory panic', /memory in the configuration/],
  ['Kernel panic - not syncing: Fatal exception in interrupt', /console shows/],
])('%s', (detail, hint) => {
  const error = guestEnded({ reason: 'panic', detail }, GUEST);
  expect(error).toMatchObject({ code: 'INFRA_GUEST_PANIC', hint: expect.stringMatching(hint) });
  expect(error.message).toContain(detail);
});
