import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { listCachedKernels } from '../../harness/kernels/cached-kernels.ts';
import type { Kernel, KernelReference } from '../../harness/kernels/kernel.ts';
import { removeDeadDrafts } from '../../harness/kernels/remove-unused.ts';
import { resolveKernels } from '../../harness/kernels/resolve-kernels.ts';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';

const MODULES = ['virtio_pci', 'virtio_console', 'veth', 'cls_bpf', 'sch_ingress'];
const CHILD = join(import.meta.dirname, '../kernels/resolve-in-child.ts');

async function found(references: readonly KernelReference[], root: string): Promise<Kernel[]> {
  const results = await resolveKernels(references, {
    ...{ arch: 'amd64', modules: MODULES, cacheRoot: root, environment: process.env },
  });
  return results.map(result => {
    if (result.status === 'failed') throw result.error;
    return result.kernel;
  });
}

describe('the five kernels of the default configuration, from the real archive', () => {
  let kernels: Kernel[];

  beforeAll(async () => {
    const series = ['5.10', '6.1', '6.12', '6.18'].map(
      name => ({ kind: 'series', series: name }) as const,
    );
    kernels = await found([...series, { kind: 'major', major: 7 }], cacheRoot(process.env));
  });

  test('are of the series that was asked for', () => {
    const wanted = [/^5\.10\./, /^6\.1\./, /^6\.12\./, /^6\.18\./, /^7\.\d+/];
    for (const [index, pattern] of wanted.entries()) {
      expect(kernels[index]?.upstream).toMatch(pattern);
    }
  });

  test('are uncompressed ELF files that say their own release, unchanged since', async () => {
    for (const { image, release, digest } of kernels) {
      const data = await readFile(image);
      expect(data.subarray(0, 4).toString('latin1')).toBe('\x7fELF');
      expect(data.includes(`Linux version ${release} (`)).toBe(true);
      expect(createHash('sha256').update(data).digest('hex')).toBe(digest);
    }
  });

  test('come with their configuration', async () => {
    for (const { config } of kernels) {
      expect(await readFile(config ?? '', 'utf8')).toMatch(/^CONFIG_BPF_SYSCALL=y$/m);
    }
  });

  test('come with the modules that are not built in, dependencies first', async () => {
    for (const { modules, missingModules, upstream } of kernels) {
      const names = modules.map(file => file.replace(/^.*\/|\.ko$/g, ''));
      expect(missingModules).toEqual([]);
      expect(names).toContain('veth');
      if (/^(?:5\.10|6\.1)\./.test(upstream)) {
        expect(names.indexOf('virtio')).toBeLessThan(names.indexOf('virtio_pci'));
        expect(names.indexOf('virtio_ring')).toBeLessThan(names.indexOf('virtio_console'));
      } else {
        expect(names).not.toContain('virtio_pci');
      }
      for (const file of modules) {
        expect((await readFile(file)).subarray(0, 4).toString('latin1')).toBe('\x7fELF');
      }
    }
  });

  test('modules load in the order that they ask for themselves', async () => {
    const plainName = (file: string) => file.replace(/^.*\/|\.ko$/g, '');
    for (const { modules } of kernels) {
      const all = modules.map(plainName);
      const loaded = new Set<string>();
      for (const file of modules) {
        // Not by our own reader of the section: the string is to be found anywhere in the file.
        const text = await readFile(file, 'latin1');
        const depends = /\0depends=([^\0]*)\0/.exec(text)?.[1];
        expect(depends).toBeDefined();
        const needed = depends?.split(',').filter(name => all.includes(name)) ?? [];
        expect(needed.filter(name => !loaded.has(name))).toEqual([]);
        loaded.add(plainName(file));
      }
    }
  });

  test('are in the list of the cache, with their sizes', async () => {
    const cached = await listCachedKernels(cacheRoot(process.env));
    for (const { image } of kernels) {
      const entry = cached.find(({ kernel }) => kernel.image === image);
      expect(entry?.bytes).toBeGreaterThan(20_000_000);
    }
  });
});

test("the system's own apt is neither read nor changed", async () => {
  await using cache = await openTempFolder('e2e-kernels');
  const before = await stat('/var/lib/apt/lists');
  await found([{ kind: 'series', series: '6.1' }], cache.path);
  const after = await stat('/var/lib/apt/lists');
  expect(after.mtimeMs).toBe(before.mtimeMs);
});

test('two runs at once on an empty cache both get the same kernel, extracted once', async () => {
  await using cache = await openTempFolder('e2e-kernels');
  const run = () => execa(process.execPath, [CHILD, cache.path, '5.10'], { reject: false });
  const [one, two] = await Promise.all([run(), run()]);
  expect([one.stderr, two.stderr]).toEqual(['', '']);
  expect([one.exitCode, two.exitCode]).toEqual([0, 0]);
  expect(await readdir(join(cache.path, 'kernels/images'))).toHaveLength(1);
});

test('a run that is killed at any moment leaves a cache that the next run gets right', async () => {
  await using cache = await openTempFolder('e2e-kernels');
  for (const milliseconds of [300, 800, 1500, 2500, 4000]) {
    const child = execa(process.execPath, [CHILD, cache.path, '6.12'], { reject: false });
    onTestFinished(() => void child.kill('SIGKILL'));
    await setTimeout(milliseconds);
    child.kill('SIGKILL');
    await child;
  }
  const [kernel] = await found([{ kind: 'series', series: '6.12' }], cache.path);
  const data = await readFile(kernel?.image ?? '');
  expect(createHash('sha256').update(data).digest('hex')).toBe(kernel?.digest);
  // apt's download of a run that is killed lives a little longer, and what it has open is left to a later one.
  await vi.waitFor(async () => {
    await removeDeadDrafts({ cacheRoot: cache.path });
    const left = await readdir(join(cache.path, 'kernels/images'));
    expect(left.filter(name => name.startsWith('tmp-'))).toEqual([]);
  }, 10_000);
});
