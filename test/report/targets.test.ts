import { describe, expect, test } from 'vitest';
import { describeGroups, describeTargets, nameOf } from '../../harness/report/matrix/targets.ts';
import { report } from '../support/report-builder.ts';

const FIVE = {
  ...{ 'linux@5.10': '5.10.262', 'linux@6.1': '6.1.192', 'linux@6.12': '6.12.117' },
  ...{ 'linux@6.18': '6.18.15', 'linux@7': '7.3.4' },
};
const five = report({ targets: FIVE, fixtures: {} });
const ids = Object.keys(FIVE);
/** Targets by their places among the five. */
const at = (...places: readonly number[]) => places.map(place => ids[place] ?? '');

describe('targets as ranges of those that were compared', () => {
  test.each([
    [[0, 1, 2, 3, 4], 'everywhere'],
    [[0], '5.10'],
    [[4], '7.3'],
    [[0, 1], '5.10–6.1'],
    [[1, 2], '6.1–6.12'],
    [[2, 3, 4], '≥6.12'],
    [[0, 2, 3], '5.10, 6.12–6.18'],
    [[0, 3, 4], '5.10, ≥6.18'],
    [[0, 2, 4], '5.10, 6.12, 7.3'],
  ])('%j', (places, text) => {
    expect(describeTargets(five, at(...places), ids)).toBe(text);
  });

  test('of those that were compared only', () => {
    expect(describeTargets(five, at(0, 2), at(0, 2, 4))).toBe('5.10–6.12');
    expect(describeTargets(five, at(0, 2), at(0, 2))).toBe('everywhere');
    expect(describeTargets(five, at(0), at(0))).toBe('5.10');
  });

  test('a target of another platform is in no range', () => {
    const mixed = { ...five, targets: five.targets.map(each => ({ ...each })) };
    const windows = mixed.targets.at(-1);
    if (windows !== undefined) Object.assign(windows, { id: 'windows@1.5', platform: 'windows' });
    const all = mixed.targets.map(({ id }) => id);
    expect(describeTargets(mixed, all.slice(2), all)).toBe('≥6.12, windows@1.5');
  });
});

test('a name is the shortest that tells a target from the others', () => {
  const names = (targets: Record<string, string>) => {
    const made = report({ targets, fixtures: {} });
    return made.targets.map(target => nameOf(made, target));
  };
  expect(names({ 'linux@6.12': '6.12.117', 'linux@6.12.43': '6.12.43' })).toEqual([
    ...['6.12.117', '6.12.43'],
  ]);
  expect(names({ 'linux@6.12': '6.12.117', 'linux@6.12+nojit': '6.12.117' })).toEqual([
    ...['6.12', '6.12+nojit'],
  ]);
  expect(names({ 'linux@latest': '7.3.4', 'linux:./bzImage': '7.3.4' })).toEqual([
    ...['linux@latest', 'linux:./bzImage'],
  ]);
});

test('values with the targets that agree on them', () => {
  const values = (...texts: readonly string[]) =>
    Object.fromEntries(texts.map((text, place) => [ids[place] ?? '', text]));
  expect(describeGroups(five, values('7', '7', '9', '9', '9'))).toBe('5.10–6.1: 7 · ≥6.12: 9');
  expect(describeGroups(five, values('7', '9', '7', '8', '8'))).toBe(
    '5.10, 6.12: 7 · 6.1: 9 · ≥6.18: 8',
  );
  expect(describeGroups(five, values('7', '7', '7', '7', '7'))).toBe('7');
});
