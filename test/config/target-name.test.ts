import { expect, test } from 'vitest';
import type { Remotes } from '../../harness/config/machine.ts';
import { architectureOf, parseTargetName } from '../../harness/config/target-name.ts';

test.each([
  ['linux@6.12', { kind: 'series', series: '6.12' }],
  ['linux@6.12.43', { kind: 'build', version: '6.12.43' }],
  ['linux@7', { kind: 'major', major: 7 }],
  ['linux@latest', { kind: 'latest' }],
  ['linux@7.3-rc7', { kind: 'build', version: '7.3-rc7' }],
  ['linux@7.3~rc7', { kind: 'build', version: '7.3~rc7' }],
  ['linux@6.12.90+deb13.1-cloud-amd64', { kind: 'build', version: '6.12.90+deb13.1-cloud-amd64' }],
  ['linux@6.1.0-56-cloud-amd64', { kind: 'build', version: '6.1.0-56-cloud-amd64' }],
  ['linux:./bzImage', { kind: 'file', path: './bzImage' }],
  [
    'linux:/boot/vmlinuz-6.8.0-1052-azure',
    { kind: 'file', path: '/boot/vmlinuz-6.8.0-1052-azure' },
  ],
  ['linux:C++/bzImage', { kind: 'file', path: 'C++/bzImage' }],
])('%s', (text, kernel) => {
  expect(parseTargetName(text, 'amd64')).toEqual({
    ...{ kind: 'linux-vm', id: text, arch: 'amd64', jit: true },
    kernel,
  });
});

test.each([
  ['linux@6.12/arm64', 'linux@6.12/arm64', 'arm64', true],
  ['linux@6.12/aarch64', 'linux@6.12/arm64', 'arm64', true],
  ['linux@6.12/x86_64', 'linux@6.12', 'amd64', true],
  ['linux@6.12+nojit', 'linux@6.12+nojit', 'amd64', false],
  ['linux@6.12/arm64+nojit', 'linux@6.12/arm64+nojit', 'arm64', false],
  ['linux@6.12+nojit/arm64', 'linux@6.12/arm64+nojit', 'arm64', false],
  ['linux@6.12.90+deb13-cloud-arm64/arm64', 'linux@6.12.90+deb13-cloud-arm64/arm64', 'arm64', true],
  ['linux:./out/Image/arm64', 'linux:./out/Image/arm64', 'arm64', true],
] as const)('%s has the id %s', (text, id, arch, jit) => {
  expect(parseTargetName(text, 'amd64')).toMatchObject({ id, arch, jit });
});

test('the id names the architecture of the machine where that is not amd64', () => {
  expect(parseTargetName('linux@6.12', 'arm64').id).toBe('linux@6.12/arm64');
  expect(parseTargetName('linux@6.12/amd64', 'arm64').id).toBe('linux@6.12');
  expect(architectureOf('x64')).toBe('amd64');
  expect(architectureOf('arm64')).toBe('arm64');
});

test('reading an id again gives the same target', () => {
  for (const text of ['linux@6.12/aarch64+nojit', 'linux:a/b/s390x', 'linux-host']) {
    const target = parseTargetName(text, 'arm64');
    expect(parseTargetName(target.id, 'amd64')).toEqual(target);
  }
});

test.each([
  ['linux-host', 'linux', { kind: 'linux-host' }],
  ['windows-local', 'windows', { kind: 'windows-local' }],
  ['windows-ssh:ci@winbox', 'windows', { kind: 'windows-ssh', host: 'ci@winbox' }],
  ['linux-ssh:box', 'linux', { kind: 'linux-ssh', host: 'box' }],
  ['linux-ssh:ci@box:2222', 'linux', { kind: 'linux-ssh', host: 'ci@box', port: 2222 }],
  ['linux-ssh:ci@[fe80::1]:22', 'linux', { kind: 'linux-ssh', host: 'ci@fe80::1', port: 22 }],
  ['windows-vagrant', 'windows', { kind: 'windows-vagrant' }],
  ['linux-vagrant:boxes/7', 'linux', { kind: 'linux-vagrant', folder: 'boxes/7' }],
] as const)('%s is a machine', (text, platform, machine) => {
  const expected = { kind: 'machine', id: text, platform, version: null, machine };
  expect(parseTargetName(text, 'amd64')).toEqual(expected);
});

test('machines have the names that the configuration gives them', () => {
  const machine = { kind: 'windows-ssh', host: 'winbox' } as const;
  const remotes = { 'windows@1.5': machine, 'windows@lab': machine, 'windows@1.5/arm64': machine };
  for (const [id, version] of [
    ['windows@1.5', '1.5'],
    ['windows@lab', null],
    ['windows@1.5/arm64', '1.5'],
  ] as const) {
    const expected = { kind: 'machine', id, platform: 'windows', version, machine };
    expect(parseTargetName(id, 'amd64', remotes)).toEqual(expected);
  }
});

test('a version of eBPF for Windows that nothing says where to find', () => {
  const remotes = { 'windows@1.4': { kind: 'windows-local' } } as const;
  expect(failureOf('windows@1.5', remotes)).toMatchObject({
    code: 'USAGE_NO_REMOTE',
    hint: expect.stringMatching(
      /'windows@1\.5': 'windows-ssh:user@host'.* It names windows@1\.4\.$/,
    ),
  });
});

test.each([
  ['6.12', 'linux@6.12'],
  ['linux-6.12', 'linux@6.12'],
  ['linux@v6.12.43', 'linux@6.12.43'],
  ['linux 7', 'linux@7'],
  ['linux@', 'linux@6.12'],
  ['linux@lastest', 'linux@latest'],
  ['linux-hots', 'linux-host'],
  ['linux-host/arm64', 'linux-host'],
  ['linux:', 'linux'],
  ['./bzImage', 'linux:./bzImage'],
  ['windows', 'windows@1.5'],
  ['windows-0.21', 'windows@0.21'],
  ['linux@6.12/riscv64', 'linux@6.12'],
  ['linux@6.12+nojit+nojit', 'linux@6.12'],
  ['', ''],
  ['linux-ssh:', 'linux-ssh:user@host'],
  ['linux-ssh:-oProxyCommand=x', 'linux-ssh:user@host'],
  ['linux-ssh:a@b:99999', 'linux-ssh:user@host'],
  ['windows-shs:ci@winbox', 'windows-ssh:user@host'],
  ['windows-ssh:ci@winbox/arm64', 'windows'],
  ['linux@ubunut', 'linux@ubuntu'],
])('"%s" is none: did you mean %s', (text, like) => {
  const thrown = failureOf(text, { 'linux@ubuntu': { kind: 'linux-host' } });
  expect(thrown).toMatchObject({ code: 'USAGE_BAD_TARGET', kind: 'usage' });
  expect((thrown as Error).message).toContain(`did you mean ${like}`);
});

function failureOf(text: string, remotes: Remotes): unknown {
  try {
    return parseTargetName(text, 'amd64', remotes);
  } catch (error) {
    return error;
  }
}
