import { CrossbpfError } from '../crossbpf-error.ts';
import { compareDebianVersions } from './debian-version.ts';
import type { KernelReference } from './kernel.ts';
import type { KernelBuild } from './kernel-build.ts';
import {
  compareKernelVersions,
  isCandidate,
  parseKernelVersion,
  seriesOf,
} from './kernel-version.ts';

/** What a user named in the archive; a file needs no choice. */
export type ArchiveReference = Exclude<KernelReference, { readonly kind: 'file' }>;

/**
 * The build that a name stands for: the newest by package version among those that fit. Release
 * candidates count only where nothing else fits, or where one is named.
 */
export function chooseBuild(
  reference: ArchiveReference,
  builds: readonly KernelBuild[],
): KernelBuild | undefined {
  const fitting = builds.filter(build => isNamed(reference, build)).sort(compareBuilds);
  const released = fitting.filter(({ upstream }) => !isCandidate(upstream));
  return (released.length > 0 ? released : fitting).at(-1);
}

/** Orders builds, older first. */
export function compareBuilds(left: KernelBuild, right: KernelBuild): number {
  return (
    compareDebianVersions(left.packageVersion, right.packageVersion) ||
    compareKernelVersions(left.release, right.release)
  );
}

/** Whether a name can mean a build. */
export function isNamed(
  reference: ArchiveReference,
  { upstream, release }: Pick<KernelBuild, 'upstream' | 'release'>,
): boolean {
  switch (reference.kind) {
    case 'series':
      return seriesOf(upstream) === reference.series;
    case 'major':
      return parseKernelVersion(upstream)?.major === reference.major;
    case 'latest':
      return true;
    default:
      return upstream === reference.version.replace('~rc', '-rc') || release === reference.version;
  }
}

/** The name as a user writes it. */
export function referenceName(reference: KernelReference): string {
  switch (reference.kind) {
    case 'series':
      return `linux@${reference.series}`;
    case 'major':
      return `linux@${reference.major}`;
    case 'latest':
      return 'linux@latest';
    case 'build':
      return `linux@${reference.version}`;
    default:
      return `linux:${reference.path}`;
  }
}

/** USAGE_UNKNOWN_KERNEL, with the nearest that exist on either side. */
export function unknownKernel(
  reference: ArchiveReference,
  builds: readonly KernelBuild[],
): CrossbpfError {
  const target = referenceName(reference);
  const wanted = target.slice('linux@'.length);
  const near = nearestNames(reference, builds);
  const what = reference.kind === 'build' ? 'no such build' : 'no kernel of that series';
  return new CrossbpfError({
    code: 'USAGE_UNKNOWN_KERNEL',
    target,
    message: `${what} in Debian's archive: ${wanted}${near.length > 0 ? ` (nearest: ${near.join(', ')})` : ''}`,
    hint:
      reference.kind === 'build'
        ? 'See `crossbpf kernels`; builds that left the archive can be given as a file, linux:PATH.'
        : 'See `crossbpf kernels`.',
  });
}

function nearestNames(reference: ArchiveReference, builds: readonly KernelBuild[]): string[] {
  const exact = reference.kind === 'build';
  const wanted = referenceName(reference).slice('linux@'.length);
  const names = new Set(builds.map(({ upstream }) => (exact ? upstream : seriesOf(upstream))));
  const ordered = [...names].sort(compareKernelVersions);
  const point = reference.kind === 'major' ? `${reference.major}.0` : wanted;
  const before = ordered.filter(name => compareKernelVersions(name, point) < 0).at(-1);
  const after = ordered.find(name => compareKernelVersions(name, point) > 0);
  return [before, after].filter(name => name !== undefined);
}
