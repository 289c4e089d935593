import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInspector } from '../../harness/agent/inspect-object.ts';
import { findPackage } from '../../harness/commands/find-package.ts';
import { type FoundObject, findBpfObjects } from '../../harness/fixtures/embedded-objects.ts';
import { type Report, runFixtures } from '../../harness/index.ts';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { type ListedPackage, listPackages, unpackPackage } from './debian-package.ts';
import { share } from './share.ts';

/** xdp-tools and libbpf-tools have their objects within their programs. */
export const DEBIAN_PACKAGES = [
  ...['xdp-tools', 'libxdp1', 'libbpf-tools', 'golang-github-cilium-ebpf-dev'],
] as const;

export type DebianPackage = (typeof DEBIAN_PACKAGES)[number];

/** The targets of this repository's own configuration. */
export const DEBIAN_TARGETS = [
  ...['linux@5.10', 'linux@6.1', 'linux@6.12', 'linux@6.18', 'linux@7'],
] as const;

/** An object of a package, once, however many files hold it. */
export interface DebianObject extends FoundObject {
  /** All packages that hold it. */
  readonly packages: ReadonlySet<DebianPackage>;
  /** Unique, and fit for a file's name: `debian-ksnoop.bpf-1a2b3c`. */
  readonly id: string;
  /** As the loader lists them; none where it cannot read the object. */
  readonly programs: readonly string[];
  /** Why the loader cannot read it. */
  readonly error?: string;
}

const cache = cacheRoot(process.env);
const { packageRoot } = findPackage(import.meta.dirname);

/** The objects of all packages, each package in its newest version that has some. */
export async function findDebianObjects(): Promise<DebianObject[]> {
  const listed = await listPackages(DEBIAN_PACKAGES, cache);
  const found: (FoundObject & { readonly from: DebianPackage; readonly digest: string })[] = [];
  for (const from of DEBIAN_PACKAGES) {
    const objects = await objectsOf(listed.filter(({ name }) => name === from));
    for (const object of objects) found.push({ ...object, from, digest: digestOf(object.bytes) });
  }
  const inspect = createInspector({ packageRoot, cacheRoot: cache });
  const distinct = Map.groupBy(found, ({ digest }) => digest).values();
  return Promise.all(
    [...distinct].map(async ([first, ...others]) => {
      if (first === undefined) throw new Error('a group has a member');
      const { name, byteOrder, bytes, digest } = first;
      const packages = new Set([first, ...others].map(({ from }) => from));
      const object = { name, byteOrder, bytes, packages, id: idOf(name, digest) };
      return inspect(bytes, name).then(
        ({ programs }) => ({ ...object, programs: programs.map(each => each.name) }),
        thrown => ({ ...object, programs: [], error: String(thrown.message) }),
      );
    }),
  );
}

/** Since 0.22.0+ds1 Debian takes cilium/ebpf's objects out of the package. */
async function objectsOf(versions: readonly ListedPackage[]): Promise<FoundObject[]> {
  for (const version of versions) {
    const objects = await findBpfObjects(await unpackPackage(version, cache));
    if (objects.length > 0) return objects;
  }
  throw new Error(`no version of ${versions[0]?.name} has BPF objects`);
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function idOf(name: string, digest: string): string {
  const short = path
    .basename(name)
    .replace('#', '-')
    .replace(/\.(elf|o)$/, '');
  return `debian-${short}-${digest.slice(0, 6)}`;
}

/** What kernels say of all objects that have programs, by their ids; loaded once in a run of vitest. */
export function runDebianObjects(objects: readonly DebianObject[]): Promise<Report> {
  return share('debian-objects', async () => {
    await using folder = await openTempFolder('e2e-objects');
    const config = path.join(folder.path, 'crossbpf.config.mjs');
    await writeFile(config, `export default { isolation: 'target' };`);
    const readable = objects.filter(({ programs }) => programs.length > 0);
    const fixtures = readable.map(({ id }) => path.join(folder.path, `${id}.o`));
    for (const [index, { bytes }] of readable.entries()) {
      await writeFile(fixtures[index] ?? '', bytes);
    }
    return await runFixtures({ fixtures, targets: DEBIAN_TARGETS, config });
  });
}
