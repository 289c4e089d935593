import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareBuilds } from '../../harness/kernels/choose-build.ts';
import { spaceNeeded } from '../../harness/kernels/kernel-build.ts';
import { mergeBuilds, readPackagesIndex } from '../../harness/kernels/packages-index.ts';

const CONTEXT = { arch: 'amd64', suite: 'bookworm', base: 'http://mirror.test/debian/' } as const;

function excerpt(name: string): string {
  return readFileSync(join(import.meta.dirname, name), 'utf8');
}

async function* inPieces(text: string, size: number): AsyncIterable<string> {
  for (let at = 0; at < text.length; at += size) {
    yield text.slice(at, at + size);
  }
}

test('up to 6.18 one package holds all; meta, debug, unsigned and rt packages are left out', async () => {
  const builds = await readPackagesIndex(inPieces(excerpt('packages-6.1.txt'), 1e6), CONTEXT);
  expect(builds).toEqual([
    {
      release: '6.1.0-50-cloud-amd64',
      upstream: '6.1.176',
      packageVersion: '6.1.176-1',
      suites: ['bookworm'],
      packages: [
        {
          name: 'linux-image-6.1.0-50-cloud-amd64',
          role: 'kernel',
          url: 'http://mirror.test/debian/pool/main/l/linux-signed-amd64/linux-image-6.1.0-50-cloud-amd64_6.1.176-1_amd64.deb',
          size: 26484304,
          installedSize: 105110 * 1024,
          sha256: 'efe19f605b6f54a8352e68d85a629abb2d30b72a085faef603a9152590baa791',
        },
      ],
    },
  ]);
});

test('from 6.19 on three packages make a kernel, and old builds have lost two of them', async () => {
  const builds = await readPackagesIndex(inPieces(excerpt('packages-7.3.txt'), 1e6), CONTEXT);
  builds.sort(compareBuilds);
  expect(builds.map(({ release, packages }) => [release, packages.map(item => item.name)])).toEqual(
    [
      ['6.19.14+deb13-cloud-amd64', ['linux-binary-6.19.14+deb13-cloud-amd64']],
      [
        '7.3.4+deb13-cloud-amd64',
        [
          'linux-binary-7.3.4+deb13-cloud-amd64',
          'linux-base-7.3.4+deb13-cloud-amd64',
          'linux-modules-7.3.4+deb13-cloud-amd64',
        ],
      ],
    ],
  );
});

test('where the pieces of the text end makes no difference', async () => {
  const text = excerpt('packages-7.3.txt');
  const whole = await readPackagesIndex(inPieces(text, 1e6), CONTEXT);
  for (const size of [1, 7, 1000]) {
    expect(await readPackagesIndex(inPieces(text, size), CONTEXT)).toEqual(whole);
  }
});

test('a package without a signature stands in while the signed one is missing', async () => {
  const text = excerpt('packages-6.1.txt').replace(
    'Package: linux-image-6.1.0-50-cloud-amd64\n',
    'Package: x\n',
  );
  const [build] = await readPackagesIndex(inPieces(text, 1e6), CONTEXT);
  expect(build?.packages.map(item => item.name)).toEqual([
    'linux-image-6.1.0-50-cloud-amd64-unsigned',
  ]);
});

test('other architectures have no such kernels', async () => {
  const context = { ...CONTEXT, arch: 'arm64' } as const;
  expect(await readPackagesIndex(inPieces(excerpt('packages-6.1.txt'), 1e6), context)).toEqual([]);
});

test('a build in two suites is one build, with the packages of the suite that has more', async () => {
  const text = excerpt('packages-7.3.txt');
  const [full] = await readPackagesIndex(inPieces(text, 1e6), CONTEXT);
  if (full === undefined) throw new Error('the excerpt has two builds');
  const bare = { ...full, suites: ['sid'], packages: full.packages.slice(0, 1) };
  const [merged, ...others] = mergeBuilds([bare, full]);
  expect(others).toEqual([]);
  expect(merged?.suites).toEqual(['sid', 'bookworm']);
  expect(merged?.packages).toHaveLength(3);
  expect(spaceNeeded(full)).toBeGreaterThan(spaceNeeded(bare));
});
