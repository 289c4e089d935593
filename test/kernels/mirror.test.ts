import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { checkKeyring, findMirror } from '../../harness/kernels/mirror.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';

const now = new Date('2026-11-22T15:00:00Z');
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

async function aptFolder(files: Record<string, string>) {
  const folder = await openTempFolder('apt-sources');
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, name)), { recursive: true });
    await writeFile(join(folder.path, name), text);
  }
  return folder;
}

test("takes the main and the security archive from the machine's own sources", async () => {
  await using folder = await aptFolder({
    'sources.list.d/debian.sources': `Types: deb
URIs: http://mirror.test/debian/
Suites: bookworm bookworm-updates
Components: main
Signed-By: ${KEYRING}

Types: deb
URIs: http://security.test/debian-security
Suites: bookworm-security
Components: main
`,
    'sources.list.d/vendor.list':
      'deb [signed-by=/usr/share/keyrings/v.gpg] https://vendor.test bookworm main',
  });
  expect(await findMirror({ environment: {}, aptFolder: folder.path, now })).toEqual({
    main: 'http://mirror.test/debian',
    security: 'http://security.test/debian-security',
    keyring: KEYRING,
  });
});

test("a vendor's archive that uses Debian's release names is not taken for Debian's", async () => {
  await using folder = await aptFolder({
    'sources.list': 'deb http://mirror.test/debian bookworm main\n',
    'sources.list.d/a-vendor.list': 'deb https://vendor.test/apt bookworm main\n',
  });
  const mirror = await findMirror({ environment: {}, aptFolder: folder.path, now });
  expect(mirror.main).toBe('http://mirror.test/debian');
  expect(mirror.security).toBe('http://mirror.test/debian-security');
});

test('follows the mirror list of a cloud image', async () => {
  await using folder = await aptFolder({ 'mirrors/debian.list': 'https://cdn.test/debian\n' });
  const list = join(folder.path, 'mirrors/debian.list');
  await writeFile(join(folder.path, 'sources.list'), `deb mirror+file://${list} bookworm main\n`);
  const mirror = await findMirror({ environment: {}, aptFolder: folder.path, now });
  expect(mirror.main).toBe('https://cdn.test/debian');
});

test('another distribution gets the archive as it was at the last midnight', async () => {
  await using folder = await aptFolder({
    'sources.list': 'deb http://mirror.test/ubuntu noble main universe\n',
  });
  const mirror = await findMirror({ environment: {}, aptFolder: folder.path, now });
  expect(mirror.main).toBe('https://snapshot.debian.org/archive/debian/20261122T000000Z');
  expect(mirror.security).toBe(
    'https://snapshot.debian.org/archive/debian-security/20261122T000000Z',
  );
});

test.each([
  ['http://own.test/debian/', 'http://own.test/debian', 'http://own.test/debian-security'],
  ['http://own.test/d http://own.test/s', 'http://own.test/d', 'http://own.test/s'],
  ['http://own.test/all', 'http://own.test/all', 'http://own.test/all'],
])('CROSSBPF_DEBIAN_MIRROR=%s goes before everything', async (value, main, security) => {
  const environment = { CROSSBPF_DEBIAN_MIRROR: value, CROSSBPF_DEBIAN_KEYRING: '/k.gpg' };
  expect(await findMirror({ environment, now })).toEqual({ main, security, keyring: '/k.gpg' });
});

test('a missing keyring is told with what brings it', async () => {
  const mirror = { main: '', security: '', keyring: '/nowhere/keys.gpg' };
  await expect(checkKeyring(mirror)).rejects.toMatchObject({
    code: 'INFRA_NO_KEYRING',
    hint: expect.stringContaining('debian-archive-keyring'),
  });
});
