import { expect, test } from 'vitest';
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
  for (const text of [
    'linux@6.12/aarch64+nojit',
    'windows@1.5/x64',
    'linux:a/b/s390x',
    'linux-host',
  ]) {
    const target = parseTargetName(text, 'arm64');
    expect(parseTargetName(target.id, 'amd64')).toEqual(target);
  }
});

test('the host and Windows', () => {
  expect(parseTargetName('linux-host', 'amd64')).toEqual({ kind: 'linux-host', id: 'linux-host' });
  expect(parseTargetName('windows@1.5+nojit', 'amd64')).toEqual({
    ...{ kind: 'windows', id: 'windows@1.5+nojit', version: '1.5', arch: 'amd64', jit: false },
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
])('"%s" is none: did you mean %s', (text, like) => {
  let thrown: unknown;
  try {
    parseTargetName(text, 'amd64');
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code: 'USAGE_BAD_TARGET', kind: 'usage' });
  expect((thrown as Error).message).toContain(`did you mean ${like}`);
});
