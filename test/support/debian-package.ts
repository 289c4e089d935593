import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import { compareDebianVersions } from '../../harness/kernels/debian-version.ts';
import { findMirror } from '../../harness/kernels/mirror.ts';
import { downloadPackage } from '../../harness/kernels/package-download.ts';
import { listReader, updateList } from '../../harness/kernels/private-apt.ts';
import { runTool } from '../../harness/kernels/run-tool.ts';
import { draftFolder } from '../../harness/storage/atomic-write.ts';
import { lockFile } from '../../harness/storage/file-lock.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';

/** A package as a suite lists it. */
export interface ListedPackage {
  readonly name: string;
  readonly version: string;
  readonly url: string;
  /** In bytes. */
  readonly size: number;
  readonly sha256: string;
}

/** Where a stable release's package may be kept for years, and where the newest is. */
const SUITES = ['bookworm', 'trixie', 'sid'];

/** All versions of packages in Debian's suites, newest first; the lists are those that kernels are found by. */
export async function listPackages(
  names: readonly string[],
  cacheRoot: string,
): Promise<ListedPackage[]> {
  const { main, keyring } = await findMirror({ environment: process.env, now: new Date() });
  const found = new Map<string, ListedPackage>();
  for (const suite of SUITES) {
    const folder = join(cacheRoot, 'kernels', 'archive', 'amd64', suite);
    await using _lock = await lockFile(join(folder, 'crossbpf.lock'), { purpose: `list ${suite}` });
    const update = await updateList(
      folder,
      { uri: main, suite, arch: 'amd64', keyring },
      undefined,
    );
    if (update.status !== 'updated') throw new Error(`${suite}: ${JSON.stringify(update)}`);
    for (const each of await readList(update.file, { names, base: main })) {
      found.set(`${each.name} ${each.version}`, each);
    }
  }
  return [...found.values()].sort((a, b) => compareDebianVersions(b.version, a.version));
}

/** The files of a package as they would be installed, below a folder of the cache. */
export async function unpackPackage(item: ListedPackage, cacheRoot: string): Promise<string> {
  const folder = join(
    cacheRoot,
    'testdata',
    `${item.name}_${item.version.replace(/[^\w.+~-]/g, '_')}`,
  );
  await using _lock = await lockFile(`${folder}.lock`, { purpose: `unpack ${item.name}` });
  if (await isThere(folder)) return folder;
  await using download = await openTempFolder('package');
  const source = { ...item, role: 'kernel' as const, installedSize: item.size };
  const file = await downloadPackage(source, { folder: download.path, onBytes: () => {} });
  await using draft = await draftFolder(folder);
  const { exitCode, stderr } = await runTool('dpkg-deb', ['-x', file, draft.path]);
  if (exitCode !== 0) throw new Error(`dpkg-deb: ${stderr}`);
  await draft.publish();
  return folder;
}

interface Wanted {
  readonly names: readonly string[];
  /** The archive's address. */
  readonly base: string;
}

async function readList(file: string, { names, base }: Wanted): Promise<ListedPackage[]> {
  const [command, ...args] = listReader(file);
  const reading = execa(command, args, { buffer: false });
  const list = await text(reading.stdout);
  await reading;
  return names.flatMap(name => {
    const start = `\n${list}`.indexOf(`\nPackage: ${name}\n`);
    return start < 0 ? [] : [readStanza(list.slice(start).split('\n\n', 1)[0] ?? '', base)];
  });
}

function readStanza(stanza: string, base: string): ListedPackage {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? '';
  return {
    ...{ name: field('Package'), version: field('Version'), sha256: field('SHA256') },
    ...{ url: `${base}/${field('Filename')}`, size: Number(field('Size')) },
  };
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
