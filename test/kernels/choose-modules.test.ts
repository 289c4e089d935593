import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import {
  chooseModules,
  type ModuleSource,
  openModuleFolder,
} from '../../harness/kernels/choose-modules.ts';
import { readModuleInfo } from '../../harness/kernels/module-info.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { tinyModule } from './tiny-kernel.ts';

function sourceOf(
  modules: Record<string, readonly string[]>,
  builtIn: readonly string[] = [],
): ModuleSource {
  return {
    isBuiltIn: name => builtIn.includes(name),
    read: async name => modules[name] && tinyModule(modules[name]),
  };
}

async function order(wanted: readonly string[], source: ModuleSource) {
  const { modules, missing } = await chooseModules(wanted, source);
  return { order: modules.map(({ name }) => name), missing };
}

test('reads what a module says of itself', () => {
  const module = tinyModule([
    ...['license=GPL', 'depends=virtio,virtio_ring', 'softdep=pre: crc32c b-c post: d'],
    'name=x',
  ]);
  expect(readModuleInfo(module)).toEqual({
    depends: ['virtio', 'virtio_ring'],
    wants: ['crc32c', 'b_c'],
  });
  expect(readModuleInfo(tinyModule(['depends=']))).toEqual({ depends: [], wants: [] });
  expect(readModuleInfo(Buffer.from('no ELF'))).toEqual({ depends: [], wants: [] });
});

test('what a module needs comes before it, once', async () => {
  const source = sourceOf({
    virtio: [],
    virtio_ring: [],
    virtio_pci_modern_dev: [],
    virtio_pci: ['depends=virtio_pci_modern_dev,virtio_ring,virtio'],
    virtio_console: ['depends=virtio_ring,virtio'],
  });
  expect(await order(['virtio-pci', 'virtio_console', 'virtio_pci'], source)).toEqual({
    order: ['virtio_pci_modern_dev', 'virtio_ring', 'virtio', 'virtio_pci', 'virtio_console'],
    missing: [],
  });
});

test('what is built in is left out, what is absent is said', async () => {
  const source = sourceOf({ veth: ['depends=page_pool'] }, ['virtio_pci', 'page_pool']);
  expect(await order(['virtio_pci', 'veth', 'cls_bpf', 'cls-bpf'], source)).toEqual({
    order: ['veth'],
    missing: ['cls_bpf'],
  });
});

test('modules that want each other end', async () => {
  const source = sourceOf({ a: ['softdep=pre: b'], b: ['softdep=pre: a', 'depends=gone'] });
  expect(await order(['a'], source)).toEqual({ order: ['b', 'a'], missing: [] });
});

test('finds modules in a folder, compressed or not', async () => {
  await using folder = await openTempFolder('modules');
  const net = join(folder.path, 'kernel/drivers/net');
  await mkdir(net, { recursive: true });
  await writeFile(join(folder.path, 'modules.builtin'), 'kernel/drivers/virtio/virtio-rng.ko\n');
  await writeFile(join(net, 'veth.ko'), tinyModule(['name=veth']));
  await writeFile(join(net, 'dummy.ko.zst'), zstdCompressSync(tinyModule(['name=dummy'])));
  await writeFile(join(net, 'vir-tio.ko.gz'), gzipSync(tinyModule(['name=vir_tio'])));
  const source = await openModuleFolder(folder.path);
  expect(source.isBuiltIn('virtio_rng')).toBe(true);
  expect(source.isBuiltIn('veth')).toBe(false);
  expect(await source.read('veth')).toEqual(tinyModule(['name=veth']));
  expect(await source.read('dummy')).toEqual(tinyModule(['name=dummy']));
  expect(await source.read('vir_tio')).toEqual(tinyModule(['name=vir_tio']));
  expect(await source.read('none')).toBeUndefined();
});

test('a folder that is not there has no modules', async () => {
  const source = await openModuleFolder('/nowhere/at/all');
  expect(await source.read('veth')).toBeUndefined();
});
