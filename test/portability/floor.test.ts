import { expect, test } from 'vitest';
import { floorOfSet, linuxFloor, windowsFloor } from '../../harness/portability/floor.ts';
import { Judgement, type Prediction } from '../../harness/portability/prediction.ts';

function stopped(...since: (string | null)[]): Prediction {
  const judgement = new Judgement();
  for (const each of since) judgement.stop('something', { since: each });
  return judgement.prediction();
}

const loads = new Judgement().prediction();
const unknown = (() => {
  const judgement = new Judgement();
  judgement.unknown('field a.b');
  return judgement.prediction();
})();

function versions(...predictions: Prediction[]) {
  return ['5.10', '6.1', '6.12', '7.0'].map((version, index) => ({
    ...{ version, prediction: predictions[index] ?? loads },
  }));
}

test.each([
  ['everywhere', versions(loads, loads, loads, loads), '5.10', 'Linux 5.10 or before'],
  ['documented', versions(stopped('Linux 5.17', 'Linux 5.13')), '5.17', 'Linux 5.17'],
  ['probed alone', versions(stopped('after 5.10, by 6.1')), '6.1', 'Linux after 5.10, by 6.1'],
  ['gone', versions(loads, loads, loads, stopped(null)), null, 'Linux 5.10 to 6.12'],
  ['nowhere', versions(...Array(4).fill(stopped(null))), null, 'no Linux that was probed'],
  ['not known', versions(...Array(4).fill(unknown)), null, 'unknown'],
])('the floor of a program: %s', (_name, list, version, text) => {
  expect(linuxFloor(list)).toMatchObject({ version, text });
});

test('the floor of a set is its highest', () => {
  const floors = [versions(), versions(stopped('Linux 5.17')), versions(stopped('Linux 5.13'))].map(
    linuxFloor,
  );
  expect(floorOfSet(floors)?.text).toBe('Linux 5.17');
  expect(
    floorOfSet([...floors, linuxFloor(versions(...Array(4).fill(stopped(null))))]),
  ).toMatchObject({
    version: null,
  });
  expect(floorOfSet([])).toBeNull();
});

test('a set of which a program is gone loads where all of its programs do', () => {
  const gone = linuxFloor(versions(loads, loads, stopped(null), stopped(null)));
  const newer = linuxFloor(versions(stopped('Linux 5.17')));
  const newest = linuxFloor(versions(stopped('Linux 6.9'), stopped('Linux 6.9')));
  expect(floorOfSet([gone])?.text).toBe('Linux 5.10 to 6.1');
  expect(floorOfSet([newer, gone])).toMatchObject({ version: null, text: 'Linux 6.1 alone' });
  expect(floorOfSet([newest, gone])).toMatchObject({
    version: null,
    text: 'no Linux for all of them',
  });
});

test('Windows', () => {
  const list = ['0.20.0', '1.0.0', '1.3.0'].map((version, index) => ({
    ...{ version, prediction: index === 0 ? stopped('eBPF for Windows 1.0.0') : loads },
  }));
  expect(windowsFloor(list)).toMatchObject({ version: '1.0.0', text: 'eBPF for Windows 1.0' });
  expect(windowsFloor(list.slice(0, 1))).toMatchObject({ version: null, text: 'not on Windows' });
});
