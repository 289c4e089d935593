import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { findQemu } from '../../harness/vm/qemu-binary.ts';
import { makeExecutable } from './stand-ins/scripted-qemu.ts';

test('finds the binary of the architecture in the first folder that has it', async () => {
  await using folder = await openTempFolder('crossbpf-test');
  const path = join(folder.path, 'qemu-system-aarch64');
  await makeExecutable(path, 'exit 0');
  const searchPath = `/nowhere::${folder.path}:/usr/bin`;
  expect(await findQemu('arm64', searchPath)).toMatchObject({ path });
});

test('tells one binary from another that took its place', async () => {
  await using folder = await openTempFolder('crossbpf-test');
  const path = join(folder.path, 'qemu-system-x86_64');
  await makeExecutable(path, 'exit 0');
  const before = await findQemu('amd64', folder.path);
  expect(await findQemu('amd64', folder.path)).toEqual(before);
  await appendFile(path, '#');
  expect((await findQemu('amd64', folder.path)).identity).not.toBe(before.identity);
});

test.each([
  ['amd64', 'qemu-system-x86_64', 'qemu-system-x86'],
  ['s390x', 'qemu-system-s390x', 'qemu-system-misc'],
] as const)('says which package brings it for %s', async (arch, binary, packageName) => {
  await expect(findQemu(arch, '/nowhere')).rejects.toMatchObject({
    ...{ code: 'INFRA_NO_QEMU', message: `${binary} is not installed` },
    hint: expect.stringContaining(`apt-get install ${packageName}\``),
  });
});
