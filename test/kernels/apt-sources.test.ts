import { expect, test } from 'vitest';
import { parseDeb822Sources, parseOneLineSources } from '../../harness/kernels/apt-sources.ts';

test('reads the one-line format', () => {
  const text = `# deb http://old.test/debian buster main
deb http://mirror.test/debian bookworm main contrib # the mirror
deb-src http://mirror.test/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/other.gpg] https://other.test/apt bookworm stable

deb [ trusted=yes ] file:/srv/debian ./
`;
  expect(parseOneLineSources(text)).toEqual([
    { uri: 'http://mirror.test/debian', suite: 'bookworm', components: ['main', 'contrib'] },
    {
      uri: 'https://other.test/apt',
      suite: 'bookworm',
      components: ['stable'],
      signedBy: '/usr/share/keyrings/other.gpg',
    },
    { uri: 'file:/srv/debian', suite: './', components: [] },
  ]);
});

test('reads deb822: comments, several suites and addresses, disabled ones, embedded keys', () => {
  const text = `Types: deb deb-src
# http://snapshot.test/archive
URIs: http://a.test/debian http://b.test/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://off.test/debian
Suites: bookworm
Components: main
Enabled: no

types: deb
uris:
 http://c.test/debian-security
suites: bookworm-security
components: main
 contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEY865UxYJKwYBBAHaRw8BAQdAd7Z0srwuhlB6JKFkcf4HU4SSS/xcRfwEQWzr
 -----END PGP PUBLIC KEY BLOCK-----
`;
  const signedBy = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const components = ['main'];
  expect(parseDeb822Sources(text)).toEqual([
    { uri: 'http://a.test/debian', suite: 'bookworm', components, signedBy },
    { uri: 'http://a.test/debian', suite: 'bookworm-updates', components, signedBy },
    { uri: 'http://b.test/debian', suite: 'bookworm', components, signedBy },
    { uri: 'http://b.test/debian', suite: 'bookworm-updates', components, signedBy },
    {
      uri: 'http://c.test/debian-security',
      suite: 'bookworm-security',
      components: ['main', 'contrib'],
    },
  ]);
});

test('source packages alone are no source of kernels', () => {
  expect(
    parseDeb822Sources('Types: deb-src\nURIs: http://a.test\nSuites: sid\nComponents: main'),
  ).toEqual([]);
});
