import type { Architecture } from './kernel.ts';
import type { KernelBuild, KernelPackage, PackageRole } from './kernel-build.ts';
import { upstreamOfPackage } from './kernel-version.ts';

export interface PackagesContext {
  readonly arch: Architecture;
  readonly suite: string;
  /** The archive's address, which the index's file names are relative to. */
  readonly base: string;
}

/** The flavour of Debian's kernels that boots fastest in a guest; s390x has one only. */
export function flavourOf(arch: Architecture): string {
  return arch === 's390x' ? 's390x' : `cloud-${arch}`;
}

/** Meta packages and, from 6.19 on, `linux-image-…` itself are of 2 kB: they hold no kernel. */
const STUB_BYTES = 1_000_000;

/**
 * The kernels in a `Packages` index, given in pieces of any size.
 *
 * Up to 6.18 one package `linux-image-RELEASE` holds all; from 6.19 on the image is in
 * `linux-binary-RELEASE`, the configuration in `linux-base-RELEASE`, modules in `linux-modules-RELEASE`.
 * A package without a signature stands in where the signed one is not there yet.
 */
export async function readPackagesIndex(
  pieces: AsyncIterable<string>,
  context: PackagesContext,
): Promise<KernelBuild[]> {
  const found = new Map<string, FoundPackage[]>();
  for await (const stanza of stanzas(pieces)) {
    const item = findPackage(stanza, context);
    if (item !== undefined) {
      const key = `${item.release} ${item.version}`;
      found.set(key, [...(found.get(key) ?? []), item]);
    }
  }
  return [...found.values()].flatMap(items => assembleBuild(items, context));
}

async function* stanzas(pieces: AsyncIterable<string>): AsyncIterable<string> {
  let rest = '';
  for await (const piece of pieces) {
    const parts = (rest + piece).split('\n\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  yield rest;
}

interface FoundPackage {
  readonly release: string;
  readonly version: string;
  readonly signed: boolean;
  readonly package: KernelPackage;
}

function findPackage(stanza: string, { arch, base }: PackagesContext): FoundPackage | undefined {
  if (!stanza.startsWith('Package: linux-')) {
    return undefined;
  }
  const name = field(stanza, 'Package');
  const pattern = /^linux-(image|binary|base|modules)-(unsigned-)?(\d+\.\d[^ ]*?)(-unsigned)?$/;
  const [, kind, before, release = '', after] = pattern.exec(name) ?? [];
  const size = Number(field(stanza, 'Size'));
  if (!release.endsWith(`-${flavourOf(arch)}`) || (kind === 'image' && size < STUB_BYTES)) {
    return undefined;
  }
  const role: PackageRole = kind === 'base' || kind === 'modules' ? kind : 'kernel';
  const url = `${base.replace(/\/+$/, '')}/${field(stanza, 'Filename')}`;
  return {
    release,
    version: field(stanza, 'Version'),
    signed: before === undefined && after === undefined,
    package: {
      name,
      role,
      url,
      size,
      // In KiB: Debian Policy 5.6.20.
      installedSize: Number(field(stanza, 'Installed-Size')) * 1024,
      sha256: field(stanza, 'SHA256'),
    },
  };
}

function field(stanza: string, name: string): string {
  const start = `\n${stanza}`.indexOf(`\n${name}: `);
  if (start === -1) {
    return '';
  }
  const from = start + name.length + 2;
  const end = stanza.indexOf('\n', from);
  return stanza.slice(from, end === -1 ? undefined : end).trim();
}

function assembleBuild(items: readonly FoundPackage[], { suite }: PackagesContext): KernelBuild[] {
  const first = items[0];
  const pick = (role: PackageRole) => {
    const candidates = items.filter(item => item.package.role === role);
    return (candidates.find(item => item.signed) ?? candidates[0])?.package;
  };
  const kernel = pick('kernel');
  if (first === undefined || kernel === undefined) {
    return [];
  }
  const others = [pick('base'), pick('modules')].filter(item => item !== undefined);
  // An image package of the old layout holds everything; what else bears its name adds nothing.
  const packages = kernel.name.startsWith('linux-image-') ? [kernel] : [kernel, ...others];
  const { release, version } = first;
  const upstream = upstreamOfPackage(version);
  return [{ release, upstream, packageVersion: version, suites: [suite], packages }];
}

/** Joins what several suites say: the same build in two of them is one build. */
export function mergeBuilds(builds: readonly KernelBuild[]): KernelBuild[] {
  const merged = new Map<string, KernelBuild>();
  for (const build of builds) {
    const key = `${build.release} ${build.packageVersion}`;
    const known = merged.get(key);
    merged.set(key, known === undefined ? build : joinBuilds(known, build));
  }
  return [...merged.values()];
}

function joinBuilds(left: KernelBuild, right: KernelBuild): KernelBuild {
  const [more] = [left, right].sort((a, b) => b.packages.length - a.packages.length);
  const suites = [...new Set([...left.suites, ...right.suites])];
  return { ...(more ?? left), suites };
}
