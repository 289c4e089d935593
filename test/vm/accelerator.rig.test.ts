import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { chooseAccelerator, type ProbeOptions, probeKvm } from '../../harness/vm/accelerator.ts';
import { MACHINE, scriptedQemu } from './stand-ins/scripted-qemu.ts';

/** A machine with a device that opens, and a QEMU that behaves as told under KVM. */
async function prepared(behaviour: string) {
  const folder = await openTempFolder('crossbpf-test');
  const qemu = await scriptedQemu(folder.path, behaviour);
  const cacheRoot = join(folder.path, 'cache');
  const probe: ProbeOptions = { qemu, machine: MACHINE, cacheRoot, device: '/dev/null' };
  return { probe, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

test('KVM is used where a guest boots with it', async () => {
  await using at = await prepared('works');
  expect(await probeKvm(at.probe)).toMatchObject({ usable: true });
  expect(await chooseAccelerator('auto', at.probe)).toBe('kvm');
});

test.each([
  ['says nothing', /did not print anything in 3 s/],
  ['dies at once', /unsupported machine type/],
  ['panics and ends', /panicked/],
])('KVM is not used where a guest %s', async (behaviour, reason) => {
  await using at = await prepared(behaviour);
  expect(await probeKvm(at.probe)).toEqual({
    usable: false,
    reason: expect.stringMatching(reason),
  });
  expect(await chooseAccelerator('auto', at.probe)).toBe('tcg');
  await expect(chooseAccelerator('kvm', at.probe)).rejects.toMatchObject({ code: 'INFRA_NO_KVM' });
});

test('the answer is remembered for the same QEMU, and found anew for another', async () => {
  await using at = await prepared('works');
  const first = await probeKvm(at.probe);
  const gone = { ...at.probe.qemu, path: '/nowhere/qemu' };
  expect(await probeKvm({ ...at.probe, qemu: gone })).toEqual(first);
  const other = { ...gone, identity: 'another' };
  expect(await probeKvm({ ...at.probe, qemu: other })).toMatchObject({ usable: false });
});

test('without the device nothing is tried', async () => {
  await using at = await prepared('works');
  const probe = { ...at.probe, device: '/dev/nothing-here' };
  expect(await probeKvm(probe)).toEqual({
    usable: false,
    reason: 'there is no /dev/nothing-here',
  });
});

test('TCG is used without a question when it is asked for', async () => {
  await using at = await prepared('works');
  expect(await chooseAccelerator('tcg', at.probe)).toBe('tcg');
});
