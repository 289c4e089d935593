import { chmod } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { bootGuest } from '../../harness/vm/boot.ts';
import { NOBODY } from '../../harness/vm/unprivileged-user.ts';
import { MACHINE, scriptedQemu } from './stand-ins/scripted-qemu.ts';

test('QEMU has no privileges, and neither this user nor its environment', async () => {
  await using folder = await openTempFolder('crossbpf-test');
  await chmod(folder.path, 0o755);
  const qemu = await scriptedQemu(folder.path, 'describes itself');
  process.env['CROSSBPF_TEST_SECRET'] = 'secret';
  await using guest = await bootGuest({ qemu, machine: MACHINE, timeoutMs: 20_000 });
  delete process.env['CROSSBPF_TEST_SECRET'];
  const said = guest.consoleTail().find(line => line.startsWith('{')) ?? '{}';
  const { uid, privileges, variables } = JSON.parse(said);
  expect(privileges).toBe('1');
  expect(uid).toBe(String(process.getuid?.() === 0 ? NOBODY : process.getuid?.()));
  expect(variables).toEqual(expect.arrayContaining(['LC_ALL', 'PATH']));
  expect(variables).not.toContain('CROSSBPF_TEST_SECRET');
});
