import { expect, test } from 'vitest';
import { type SpareGuest, SpareGuests } from '../../harness/targets/spare-guests.ts';

/** A guest that notes what happens to it. */
function noted(name: string, events: string[], isWorn = false): SpareGuest {
  const rewinding = { isWorn, pause: () => events.push(`${name} paused`), rewind: async () => {} };
  const ended = async () => void events.push(`${name} ended`);
  return {
    guest: { rewinding, [Symbol.asyncDispose]: ended },
    session: { [Symbol.asyncDispose]: async () => {} },
  } as unknown as SpareGuest;
}

test('gives each plan its own guests, the one that was used last first', async () => {
  await using spares = new SpareGuests();
  const [one, two, other] = ['one', 'two', 'other'].map(name => noted(name, []));
  if (!one || !two || !other) throw new Error('three were made');
  await spares.keep('a', one);
  await spares.keep('a', two);
  await spares.keep('b', other);
  expect(spares.take('a')).toBe(two);
  expect(spares.take('a')).toBe(one);
  expect(spares.take('a')).toBeUndefined();
  expect(spares.take('b')).toBe(other);
});

test('a guest that waits is paused, and ended with the others', async () => {
  const events: string[] = [];
  {
    await using spares = new SpareGuests();
    await spares.keep('a', noted('one', events));
    expect(events).toEqual(['one paused']);
  }
  expect(events).toEqual(['one paused', 'one ended']);
});

test('a guest that comes when all have been ended is ended too', async () => {
  const events: string[] = [];
  const spares = new SpareGuests();
  await spares[Symbol.asyncDispose]();
  await spares.keep('a', noted('late', events));
  expect(events).toEqual(['late ended']);
  expect(spares.take('a')).toBeUndefined();
});

test('keeps 16; the one that has waited longest makes room', async () => {
  const events: string[] = [];
  await using spares = new SpareGuests();
  for (let index = 0; index < 17; index++) await spares.keep('a', noted(`${index}`, events));
  expect(events.filter(event => event.endsWith('ended'))).toEqual(['0 ended']);
});

test('keeps no guest of a plan whose guests could not be used again three times', async () => {
  const events: string[] = [];
  await using spares = new SpareGuests();
  spares.noteFailure('a');
  spares.noteFailure('a');
  await spares.keep('a', noted('one', events));
  expect(spares.take('a')).toBeDefined();
  spares.noteFailure('a');
  await spares.keep('a', noted('two', events));
  await spares.keep('b', noted('three', events));
  expect(events).toEqual(['one paused', 'two ended', 'three paused']);
});

test('keeps no guest that has grown large', async () => {
  const events: string[] = [];
  await using spares = new SpareGuests();
  await spares.keep('a', noted('one', events, true));
  expect(events).toEqual(['one ended']);
});
