import type { KernelProgress } from '../../harness/kernels/progress.ts';
import { resolveKernels } from '../../harness/kernels/resolve-kernels.ts';
import { type LocalArchive, PADDING, type PackageSpec } from '../support/local-archive.ts';
import { tinyKernel, tinyModule } from './tiny-kernel.ts';

/** A kernel in the layout up to 6.18. */
export function oldLayout(release: string, version: string): PackageSpec[] {
  const modules = `lib/modules/${release}`;
  return [
    {
      name: `linux-image-${release}`,
      version,
      files: {
        [`boot/vmlinuz-${release}`]: tinyKernel(release),
        [`boot/config-${release}`]: 'CONFIG_BPF=y\n',
        [`${modules}/kernel/veth.ko`]: tinyModule(['name=veth', 'depends=ptr_ring']),
        [`${modules}/kernel/ptr-ring.ko`]: tinyModule(['name=ptr_ring']),
        [`${modules}/modules.builtin`]: 'kernel/virtio_pci.ko\n',
        'usr/share/padding': PADDING,
      },
    },
  ];
}

/** A kernel in the layout from 6.19 on. */
export function newLayout(release: string, version: string): PackageSpec[] {
  const modules = `usr/lib/modules/${release}`;
  const base = { 'modules.builtin': 'kernel/virtio_pci.ko\n', config: 'CONFIG_BPF=y\n' };
  const prefixed = Object.entries(base).map(([name, text]) => [`${modules}/${name}`, text]);
  return [
    { name: `linux-image-${release}`, version, files: { 'usr/share/doc/stub': 'stub' } },
    {
      name: `linux-binary-${release}`,
      version,
      files: { [`${modules}/vmlinuz`]: tinyKernel(release) },
    },
    { name: `linux-base-${release}`, version, files: Object.fromEntries(prefixed) },
    {
      name: `linux-modules-${release}`,
      version,
      files: { [`${modules}/kernel/veth.ko`]: tinyModule(['name=veth']) },
    },
  ];
}

type Options = Parameters<typeof resolveKernels>[1];

/** Resolves series in a local archive, and keeps what happened. */
export async function resolveLocally(
  archive: LocalArchive,
  cacheRoot: string,
  versions: readonly string[],
  options: Partial<Options> = {},
) {
  const progress: KernelProgress[] = [];
  const references = versions.map(version =>
    /^\d+\.\d+$/.test(version)
      ? ({ kind: 'series', series: version } as const)
      : ({ kind: 'build', version } as const),
  );
  const results = await resolveKernels(references, {
    ...{ arch: 'amd64', modules: ['virtio_pci', 'veth', 'cls_bpf'], cacheRoot },
    environment: archive.environment,
    onProgress: event => progress.push(event),
    ...options,
  });
  return { results, progress, types: progress.map(({ type }) => type) };
}
