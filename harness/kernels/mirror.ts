import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CrossbpfError } from '../crossbpf-error.ts';
import type { Environment } from '../storage/cache-root.ts';
import { type AptSource, parseDeb822Sources, parseOneLineSources } from './apt-sources.ts';

/** Where Debian's archive is fetched from, and what it must be signed by. */
export interface Mirror {
  readonly main: string;
  readonly security: string;
  /** The keyring file with the archive's keys. */
  readonly keyring: string;
}

export interface FindMirrorOptions {
  readonly environment: Environment;
  /** apt's folder of configuration; `/etc/apt` unless told. */
  readonly aptFolder?: string;
  readonly now: Date;
}

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * The mirror to use: `$CROSSBPF_DEBIAN_MIRROR` (one address, or two: main and security), else what the
 * machine's own apt sources say of Debian, else snapshot.debian.org as of today. `$CROSSBPF_DEBIAN_KEYRING`
 * names another keyring than that of the package debian-archive-keyring.
 */
export async function findMirror(options: FindMirrorOptions): Promise<Mirror> {
  const { environment, aptFolder = '/etc/apt', now } = options;
  const keyring = environment['CROSSBPF_DEBIAN_KEYRING'] || KEYRING;
  const named = environment['CROSSBPF_DEBIAN_MIRROR']?.trim();
  if (named) {
    const [main = '', security] = named.split(/[\s,]+/).map(withoutSlash);
    return { main, security: security ?? securityBeside(main) ?? main, keyring };
  }
  const sources = rankSources(await readSources(aptFolder));
  const main = sources.find(({ suite }) => isMainSuite(suite))?.uri;
  const security =
    sources.find(({ suite }) => isSecuritySuite(suite))?.uri ?? securityBeside(main ?? '');
  return {
    main: main ?? snapshot('debian', now),
    security: security ?? snapshot('debian-security', now),
    keyring,
  };
}

/** Fails with a hint if the archive's keys are not there: without them nothing can be checked. */
export async function checkKeyring({ keyring }: Mirror): Promise<void> {
  await access(keyring).catch(() => {
    throw new CrossbpfError({
      code: 'INFRA_NO_KEYRING',
      file: keyring,
      message: "the keys of Debian's archive are not there, so kernels cannot be checked",
      hint: 'Install them with `apt install debian-archive-keyring`.',
    });
  });
}

async function readSources(aptFolder: string): Promise<AptSource[]> {
  const parts = join(aptFolder, 'sources.list.d');
  const names = await readdir(parts).catch(() => []);
  const files = [join(aptFolder, 'sources.list'), ...names.sort().map(name => join(parts, name))];
  const sources: AptSource[] = [];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (file.endsWith('.sources')) {
      sources.push(...parseDeb822Sources(text));
    } else if (file.endsWith('.list')) {
      sources.push(...parseOneLineSources(text));
    }
  }
  return await Promise.all(sources.map(followMirrorList));
}

/** Cloud images of Debian keep addresses in a file of their own: `mirror+file:/etc/apt/mirrors/debian.list`. */
async function followMirrorList(source: AptSource): Promise<AptSource> {
  const file = /^mirror\+file:(?:\/\/)?(\/.*)$/.exec(source.uri)?.[1];
  if (file === undefined) {
    return source;
  }
  const text = await readFile(file, 'utf8').catch(() => '');
  const [uri = source.uri] = text.split(/\s+/).filter(word => /^https?:/.test(word));
  return { ...source, uri };
}

/** Sources that can be Debian's own archive, surest first. Others use its release names too. */
function rankSources(sources: readonly AptSource[]): AptSource[] {
  const usable = sources.filter(
    ({ uri, components }) => /^(?:https?|file):/.test(uri) && components.includes('main'),
  );
  const rank = (source: AptSource) => {
    if (source.signedBy !== undefined) {
      return /\/debian-archive-[^/]*$/.test(source.signedBy) ? 0 : 9;
    }
    return /\/debian(?:-security)?\/?$/.test(source.uri) ? 1 : 2;
  };
  return usable
    .filter(source => rank(source) < 9)
    .sort((a, b) => rank(a) - rank(b))
    .map(source => ({ ...source, uri: withoutSlash(source.uri) }));
}

const RELEASES = 'bullseye|bookworm|trixie|forky|duke|sid|(?:old)*stable|testing|unstable';

function isMainSuite(suite: string): boolean {
  return new RegExp(`^(?:${RELEASES})(?:-updates|-backports)?$`).test(suite);
}

function isSecuritySuite(suite: string): boolean {
  return new RegExp(`^(?:${RELEASES})(?:-security|/updates)$`).test(suite);
}

function securityBeside(main: string): string | undefined {
  return main.endsWith('/debian') ? `${main}-security` : undefined;
}

/** The archive as it was at the last midnight (UTC): all requests of a day get the same state. */
function snapshot(archive: string, now: Date): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  return `https://snapshot.debian.org/archive/${archive}/${day}T000000Z`;
}

function withoutSlash(uri: string): string {
  return uri.replace(/\/+$/, '');
}
