import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { PACKAGE_ROOT } from '../support/command-line.ts';

const folder = await openTempFolder('vms');
afterAll(() => folder[Symbol.asyncDispose]());

const hasVagrant = !(await execa('vagrant', ['--version'], { reject: false })).failed;

/** Vagrant validates for a provider that it finds; VirtualBox is what answers to this name. */
async function folderOfVirtualBox(): Promise<string> {
  const bin = path.join(folder.path, 'bin');
  await mkdir(bin, { recursive: true });
  await writeFile(path.join(bin, 'VBoxManage'), '#!/bin/sh\necho 7.0.20r163906\n');
  await chmod(path.join(bin, 'VBoxManage'), 0o755);
  return bin;
}

async function validate(vm: string, provider: string, edit: (text: string) => string) {
  const copy = path.join(folder.path, `${vm}-${provider}`);
  await cp(path.join(PACKAGE_ROOT, 'vms', vm), copy, { recursive: true });
  const vagrantfile = path.join(copy, 'Vagrantfile');
  await writeFile(vagrantfile, edit(await readFile(vagrantfile, 'utf8')));
  const PATH = `${await folderOfVirtualBox()}:${process.env['PATH']}`;
  const VAGRANT_HOME = path.join(folder.path, 'home');
  const { exitCode, all } = await execa('vagrant', ['validate'], {
    ...{ cwd: copy, reject: false, all: true },
    env: { PATH, VAGRANT_HOME, VAGRANT_DEFAULT_PROVIDER: provider },
  });
  return { exitCode, said: all };
}

// Debian's package cannot validate for Hyper-V, which is on Windows alone.
test.for([
  ['windows', 'virtualbox'],
  ['windows', 'libvirt'],
  ['linux', 'virtualbox'],
  ['linux', 'libvirt'],
] as const)('vagrant validate: %s, for %s', async ([vm, provider], context) => {
  if (!hasVagrant) return context.skip('vagrant is not installed');
  expect(await validate(vm, provider, text => text)).toEqual({
    exitCode: 0,
    said: expect.stringContaining('Vagrantfile validated successfully.'),
  });
  const wrong = (text: string) => text.replace(`${provider}.memory =`, `${provider}.memry =`);
  const { exitCode, said } = await validate(vm, provider, wrong);
  expect({ exitCode, said }).toEqual({ exitCode: 1, said: expect.stringContaining('memry') });
});

test('the releases of eBPF for Windows', async () => {
  const text = await readFile(path.join(PACKAGE_ROOT, 'vms/windows/ebpf-for-windows.json'), 'utf8');
  const releases: Record<string, Record<string, string | null>> = JSON.parse(text);
  for (const [version, { tag, asset, sha256 }] of Object.entries(releases)) {
    expect(tag).toMatch(new RegExp(`^(Release-)?v${version.replaceAll('.', '\\.')}$`));
    expect(asset).toMatch(new RegExp(`^ebpf-for-windows\\.(x64\\.)?${version}\\.msi$`));
    if (sha256 !== null) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  }
  expect(Object.keys(releases).at(-1)).toBe('1.5.0');
});
