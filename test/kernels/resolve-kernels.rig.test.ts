import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { listCachedKernels, pruneKernelCache } from '../../harness/kernels/cached-kernels.ts';
import type { KernelLock } from '../../harness/kernels/kernel-lock.ts';
import { listKernelBuilds } from '../../harness/kernels/list-builds.ts';
import { writeCachedJson } from '../../harness/storage/cached-json.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { type LocalArchive, openLocalArchive } from '../support/local-archive.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { newLayout, oldLayout, resolveLocally } from './local-kernels.ts';

let archive: LocalArchive;
let cacheRoot: string;

beforeEach(async () => {
  archive = await openLocalArchive();
  const cache = await openTempFolder('kernel-cache');
  cacheRoot = cache.path;
  onTestFinished(async () => {
    await archive[Symbol.asyncDispose]();
    await cache[Symbol.asyncDispose]();
  });
  await archive.addSuite('trixie', oldLayout('6.12.10+deb13-cloud-amd64', '6.12.10-1'));
  await archive.addSuite('trixie-security', oldLayout('6.12.11+deb13-cloud-amd64', '6.12.11-1'));
  await archive.addSuite('sid', newLayout('7.2.5+deb14-cloud-amd64', '7.2.5-1'));
});

async function imagesLeft(): Promise<string[]> {
  return await readdir(join(cacheRoot, 'kernels/images')).catch(() => []);
}

async function packageAskedFor(): Promise<void> {
  const asked = () => archive.requests.some(path => path.endsWith('.deb'));
  await expect.poll(asked, { timeout: 25_000 }).toBe(true);
}

/** Processes whose command line names the cache. */
async function processesLeft(): Promise<string[]> {
  const ids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const lines = await Promise.all(
    ids.map(id => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter(line => line.includes(cacheRoot));
}

test('brings the newest build over all suites, in both layouts, and nothing that is not needed', async () => {
  const { results, types } = await resolveLocally(archive, cacheRoot, ['6.12', '7.2']);
  expect(results).toMatchObject([
    {
      status: 'found',
      kernel: {
        ...{ release: '6.12.11+deb13-cloud-amd64', upstream: '6.12.11', arch: 'amd64' },
        ...{ packageVersion: '6.12.11-1', missingModules: ['cls_bpf'] },
      },
    },
    { status: 'found', kernel: { upstream: '7.2.5', missingModules: ['cls_bpf'] } },
  ]);
  const [first] = results;
  if (first?.status !== 'found') throw new Error('not found');
  const { image, modules } = first.kernel;
  const folder = join(image, '..');
  expect(modules.map(file => relative(folder, file))).toEqual([
    ...['modules/ptr_ring.ko', 'modules/veth.ko'],
  ]);
  expect((await readdir(folder, { recursive: true })).sort()).toEqual([
    ...[
      'checksums.json',
      'config',
      'kernel.json',
      'modules',
      'modules/ptr_ring.ko',
      'modules/veth.ko',
      'vmlinux',
    ],
  ]);
  expect((await readFile(image)).subarray(1, 4).toString()).toBe('ELF');
  // Suites that this mirror does not have are said, and do not matter.
  expect(types).toContain('archive:absent');
  expect(types).toContain('kernel:ready');
});

test('a second time nothing is asked for and no process is started', async () => {
  await resolveLocally(archive, cacheRoot, ['6.12', '7.2']);
  await archive.stop();
  const path = process.env['PATH'];
  onTestFinished(() => {
    process.env['PATH'] = path;
  });
  process.env['PATH'] = '/nowhere';
  const { results, progress } = await resolveLocally(archive, cacheRoot, ['6.12', '7.2']);
  expect(results.map(({ status }) => status)).toEqual(['found', 'found']);
  expect(progress).toEqual([]);
});

test('two runs at once on an empty cache download and extract once', async () => {
  const [one, two] = await Promise.all([
    resolveLocally(archive, cacheRoot, ['6.12', '6.12.11']),
    resolveLocally(archive, cacheRoot, ['6.12']),
  ]);
  const kernels = [...(one?.results ?? []), ...(two?.results ?? [])].map(result =>
    result.status === 'found' ? result.kernel.image : result.error.summary,
  );
  expect(new Set(kernels).size).toBe(1);
  expect(archive.requests.filter(path => path.endsWith('.deb'))).toHaveLength(1);
  expect(await imagesLeft()).toHaveLength(1);
});

test('a kernel that cannot be had does not stop the others', async () => {
  const { results } = await resolveLocally(archive, cacheRoot, ['5.4', '6.12', '6.12.9']);
  expect(results).toMatchObject([
    { status: 'failed', error: { code: 'USAGE_UNKNOWN_KERNEL', facts: { target: 'linux@5.4' } } },
    { status: 'found' },
    { status: 'failed', error: { message: expect.stringContaining('nearest: 6.12.10') } },
  ]);
});

test('a package that was tampered with is refused, and leaves nothing', async () => {
  archive.fault = path => (path.endsWith('.deb') ? 'damage' : undefined);
  const { results } = await resolveLocally(archive, cacheRoot, ['6.12']);
  expect(results).toMatchObject([
    {
      error: {
        code: 'INFRA_DOWNLOAD_FAILED',
        message: expect.stringContaining('Hash Sum mismatch'),
      },
    },
  ]);
  expect(await imagesLeft()).toEqual([]);
});

test('a list that was tampered with is refused; another suite is used, and that is said', async () => {
  archive.fault = path =>
    path.includes('trixie-security') && path.includes('Packages') ? 'damage' : undefined;
  const { results, progress } = await resolveLocally(archive, cacheRoot, ['6.12']);
  expect(results).toMatchObject([{ status: 'found', kernel: { upstream: '6.12.10' } }]);
  expect(progress).toContainEqual({
    type: 'archive:unavailable',
    suite: 'trixie-security',
    reason: expect.stringMatching(/Hash Sum|unexpected size/),
  });
});

test('a suite that is signed by somebody else is an error', async () => {
  await using other = await openLocalArchive();
  const keyring = other.environment['CROSSBPF_DEBIAN_KEYRING'] ?? '';
  const environment = { ...archive.environment, CROSSBPF_DEBIAN_KEYRING: keyring };
  const { results } = await resolveLocally(archive, cacheRoot, ['6.12'], { environment });
  expect(results).toMatchObject([{ error: { code: 'INFRA_BAD_SIGNATURE' } }]);
});

test('without network an old list is used, and that is said; without a list it is an error', async () => {
  await resolveLocally(archive, cacheRoot, ['6.12']);
  const folder = join(cacheRoot, 'kernels/archive/amd64');
  for (const name of (await readdir(folder)).filter(file => file.endsWith('.json'))) {
    const { value: index } = JSON.parse(await readFile(join(folder, name), 'utf8'));
    const dayAgo = Date.now() - 25 * 3_600_000;
    const older = { ...index, fetchedAt: dayAgo, triedAt: dayAgo };
    await writeCachedJson(join(folder, name), older);
  }
  await archive.stop();
  const old = await resolveLocally(archive, cacheRoot, ['6.12', '7.2']);
  expect(old.results).toMatchObject([
    { status: 'found' },
    { status: 'failed', error: { code: 'INFRA_NO_NETWORK' } },
  ]);
  expect(old.types).toContain('archive:stale');
  // For a while the archive is not asked again.
  const again = await resolveLocally(archive, cacheRoot, ['6.12']);
  expect(again.types).not.toContain('archive:updating');
  expect(again.types).toContain('archive:stale');
});

test('a newer build is seen when it is asked for', async () => {
  await resolveLocally(archive, cacheRoot, ['6.12']);
  await archive.addSuite('trixie-security', oldLayout('6.12.12+deb13-cloud-amd64', '6.12.12-1'));
  const upstream = async (refresh: boolean) => {
    const { results } = await resolveLocally(archive, cacheRoot, ['6.12'], { refresh });
    return results[0]?.status === 'found' ? results[0].kernel.upstream : results[0];
  };
  expect(await upstream(false)).toBe('6.12.11');
  expect(await upstream(true)).toBe('6.12.12');
});

test('a lock file pins a build, also after it has left the archive', async () => {
  const { results } = await resolveLocally(archive, cacheRoot, ['7.2']);
  if (results[0]?.status !== 'found' || results[0].locked === undefined) throw new Error('none');
  const { locked } = results[0];
  const lock: KernelLock = { schema: 'crossbpf/lock@1', kernels: { 'linux@7.2': locked } };
  await archive.addSuite('sid', newLayout('7.2.9+deb14-cloud-amd64', '7.2.9-1'));
  await pruneKernelCache({ cacheRoot, remove: () => true });
  for (const name of Object.keys(locked.packages)) {
    const path = `/mr/binary/${name}/${locked.version}/binfiles?fileinfo=1`;
    const file = { archive_name: 'debian', first_seen: 'x', path: '/pool', size: 1000 };
    const fileinfo = { abc: [{ ...file, name: `${name}_${locked.version}_amd64.deb` }] };
    const answer = { result: [{ architecture: 'amd64', hash: 'abc' }], fileinfo };
    archive.documents.set(path, JSON.stringify(answer));
  }
  const options = { lock, refresh: true };
  const gone = await resolveLocally(archive, cacheRoot, ['7.2'], options);
  // The address that the service names is not that of the pool here: it has left that, too.
  expect(gone.results).toMatchObject([{ status: 'failed', error: { code: 'INFRA_BUILD_GONE' } }]);
  await mkdir(join(archive.folder, 'archive/debian'), { recursive: true });
  await symlink(join(archive.folder, 'debian'), join(archive.folder, 'archive/debian/x'));
  const found = await resolveLocally(archive, cacheRoot, ['7.2'], options);
  expect(found.results).toMatchObject([{ status: 'found', kernel: { upstream: '7.2.5' }, locked }]);
  // From the cache it needs no archive at all.
  await archive.stop();
  const cached = await resolveLocally(archive, cacheRoot, ['7.2'], options);
  expect(cached.results).toMatchObject([{ status: 'found', kernel: { upstream: '7.2.5' } }]);
  expect(cached.progress).toEqual([]);
});

test('lists all builds, oldest first, and which are in the cache', async () => {
  await resolveLocally(archive, cacheRoot, ['6.12']);
  const { environment } = archive;
  const builds = await listKernelBuilds({ arch: 'amd64', cacheRoot, environment });
  expect(builds.map(({ upstream, suites, cached }) => [upstream, suites, cached])).toEqual([
    ['6.12.10', ['trixie'], false],
    ['6.12.11', ['trixie-security'], true],
    ['7.2.5', ['sid'], false],
  ]);
});

test('an abort in the middle of a download ends at once and leaves nothing', async () => {
  archive.fault = path => (path.endsWith('.deb') ? 'stall' : undefined);
  const controller = new AbortController();
  const { signal } = controller;
  const resolving = resolveLocally(archive, cacheRoot, ['6.12'], { signal });
  const ended = expect(resolving).rejects.toThrow('stopped by the user');
  await packageAskedFor();
  controller.abort(new Error('stopped by the user'));
  await ended;
  expect(await imagesLeft()).toEqual([]);
});

test('after a kill by SIGKILL in the middle of a download nothing runs on, and the next run is right', async () => {
  archive.fault = path => (path.endsWith('.deb') ? 'stall' : undefined);
  const script = join(import.meta.dirname, 'resolve-in-child.ts');
  const child = execa(process.execPath, [script, cacheRoot, '6.12'], {
    env: archive.environment,
    reject: false,
  });
  await packageAskedFor();
  expect(await imagesLeft()).toEqual([expect.stringMatching(/^tmp-/)]);
  child.kill('SIGKILL');
  await child;
  await expect.poll(processesLeft, { timeout: 25_000 }).toEqual([]);
  archive.fault = () => undefined;
  const { results } = await resolveLocally(archive, cacheRoot, ['6.12']);
  expect(results).toMatchObject([{ status: 'found', kernel: { upstream: '6.12.11' } }]);
  expect(await imagesLeft()).toEqual([expect.stringMatching(/^6\.12\.11/)]);
});

test('a missing keyring is told before anything is fetched', async () => {
  const environment = { ...archive.environment, CROSSBPF_DEBIAN_KEYRING: '/nowhere/keys.gpg' };
  const { results } = await resolveLocally(archive, cacheRoot, ['6.12'], { environment });
  expect(results).toMatchObject([{ error: { code: 'INFRA_NO_KEYRING' } }]);
  expect(archive.requests).toEqual([]);
  expect(existsSync(join(cacheRoot, 'kernels/images'))).toBe(false);
});

test('a full disk is told with what is needed, and leaves nothing half-written', async context => {
  await using disk = await mountSmallDisk('40m');
  if (disk === undefined) return context.skip('a tmpfs cannot be mounted here');
  const { results } = await resolveLocally(archive, disk.path, ['6.12']);
  expect(results).toMatchObject([
    {
      error: {
        code: 'INFRA_DISK_FULL',
        message: expect.stringMatching(/8\d MB needed, \d+ MB free/),
      },
    },
  ]);
  expect(await readdir(join(disk.path, 'kernels/images')).catch(() => [])).toEqual([]);
});

test('prune removes what is asked for and what is damaged, and says how much', async () => {
  await resolveLocally(archive, cacheRoot, ['6.12', '7.2']);
  const kept = await listCachedKernels(cacheRoot);
  expect(kept.map(({ kernel }) => kernel.upstream).sort()).toEqual(['6.12.11', '7.2.5']);
  const damaged = kept.find(({ kernel }) => kernel.upstream === '6.12.11');
  await writeFile(damaged?.kernel.image ?? '', 'cut off');
  expect((await pruneKernelCache({ cacheRoot })).freedBytes).toBeGreaterThan(0);
  const [left, ...others] = await listCachedKernels(cacheRoot);
  expect([left?.kernel.upstream, others]).toEqual(['7.2.5', []]);
  const { removed } = await pruneKernelCache({ cacheRoot, remove: () => true });
  expect(removed.map(({ kernel }) => kernel.upstream)).toEqual(['7.2.5']);
  expect(await imagesLeft()).toEqual([]);
});
