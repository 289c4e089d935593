import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../storage/atomic-write.ts';
import { removeTree } from '../storage/remove-tree.ts';
import type { Architecture } from './kernel.ts';
import { runTool } from './run-tool.ts';

export interface SuiteSource {
  readonly uri: string;
  readonly suite: string;
  readonly arch: Architecture;
  readonly keyring: string;
}

export type ListUpdate =
  | { readonly status: 'updated'; readonly file: string }
  /** The mirror has no such suite, or not for this architecture. */
  | { readonly status: 'absent' }
  | { readonly status: 'unreachable'; readonly reason: string }
  /** apt refused it: a signature that is wrong, a key that is missing, no room on the disk, … */
  | { readonly status: 'failed'; readonly output: string };

/**
 * Fetches a suite's `Packages` list by apt's own client, which checks its signature, in a root of its
 * own below `folder`: the system's apt is neither read (but for its proxy settings) nor changed. The list
 * stays there, so that the next update transfers only what changed. The caller holds a lock on `folder`.
 *
 * What apt refuses is tried once more from scratch: a download of a run that was killed can have written
 * to the same files for a moment.
 */
export async function updateList(
  folder: string,
  source: SuiteSource,
  signal: AbortSignal | undefined,
): Promise<ListUpdate> {
  const update = await runUpdate(folder, source, signal);
  if (update.status !== 'failed') {
    return update;
  }
  await removeTree(join(folder, 'lists'));
  return await runUpdate(folder, source, signal);
}

async function runUpdate(
  folder: string,
  source: SuiteSource,
  signal: AbortSignal | undefined,
): Promise<ListUpdate> {
  await mkdir(join(folder, 'lists', 'partial'), { recursive: true });
  await mkdir(join(folder, 'archives', 'partial'), { recursive: true });
  await writeFileAtomically(join(folder, 'suite.sources'), sourcesFile(source));
  await writeFileAtomically(join(folder, 'apt.conf'), configuration(folder, source));
  const result = await runTool('apt-get', ['-c', join(folder, 'apt.conf'), 'update'], { signal });
  const output = `${result.stdout}\n${result.stderr}`.trim();
  const failure = /^(?:Err:|E:|W: Failed)/m.test(output) || result.exitCode !== 0;
  if (failure) {
    return explain(output);
  }
  const file = await findList(join(folder, 'lists'), source);
  return file === undefined ? { status: 'absent' } : { status: 'updated', file };
}

/** The list as text; apt stores it compressed. */
export function listReader(file: string): readonly [command: string, ...args: string[]] {
  return ['/usr/lib/apt/apt-helper', 'cat-file', file];
}

function sourcesFile({ uri, suite, keyring }: SuiteSource): string {
  const fields = [
    'Types: deb',
    `URIs: ${uri}`,
    `Suites: ${suite}`,
    'Components: main',
    'Targets: Packages',
    `Signed-By: ${keyring}`,
  ];
  return `${fields.join('\n')}\n`;
}

/** Read after the system's own configuration: `#clear` takes its hooks away. */
function configuration(folder: string, { arch }: SuiteSource): string {
  const quote = (path: string) => `"${path}"`;
  return `#clear APT::Update;
#clear DPkg;
#clear APT::Architectures;
#clear APT::Default-Release;
Dir::State ${quote(folder)};
Dir::State::lists ${quote(join(folder, 'lists'))};
Dir::State::status "/dev/null";
Dir::Cache ${quote(folder)};
Dir::Cache::archives ${quote(join(folder, 'archives'))};
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist ${quote(join(folder, 'suite.sources'))};
Dir::Etc::sourceparts "/dev/null";
APT::Architecture "${arch}";
APT::Architectures { "${arch}"; };
APT::Sandbox::User "root";
pkgCacheFile::Generate "false";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
Acquire::GzipIndexes "true";
Acquire::PDiffs "false";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
`;
}

/** apt says what happened in words only; these are of apt 2.2 to 3.1. */
function explain(output: string): ListUpdate {
  if (/does not have a Release file|404\s+Not Found|File not found/i.test(output)) {
    return { status: 'absent' };
  }
  const unreachable =
    /Could not (?:resolve|connect|handshake)|Temporary failure|Connection (?:refused|failed|timed out|reset)|Unable to connect|Network is unreachable|timed out|Cannot initiate|50\d\s|Failed to connect/i;
  const reason = output.split('\n').find(line => unreachable.test(line));
  return reason === undefined
    ? { status: 'failed', output }
    : { status: 'unreachable', reason: reason.trim() };
}

/** apt writes a list's address into its name, `…_dists_SUITE_main_binary-ARCH_Packages.lz4`. */
async function findList(folder: string, { suite, arch }: SuiteSource): Promise<string | undefined> {
  const part = `_dists_${suite.replaceAll('/', '_')}_main_binary-${arch}_Packages`;
  const names = await readdir(folder);
  const name = names.find(candidate => candidate.includes(part));
  return name === undefined ? undefined : join(folder, name);
}
