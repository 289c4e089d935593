import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';

/** A Debian package to be made: its files by path. */
export interface PackageSpec {
  readonly name: string;
  readonly version: string;
  readonly files: Readonly<Record<string, Buffer | string>>;
}

/** What the server does with a request; undefined: serves the file. */
export type Fault = 'missing' | 'stall' | 'damage' | undefined;

/** A signed archive of our own behind a server on the loopback interface. */
export interface LocalArchive extends AsyncDisposable {
  readonly folder: string;
  /** What makes `resolveKernels` use it. */
  readonly environment: Record<string, string>;
  /** The paths that were asked for, oldest first. */
  readonly requests: string[];
  addSuite(suite: string, packages: readonly PackageSpec[]): Promise<void>;
  /** Answers that are no files; `stall` sends the first bytes and then nothing. */
  fault: (path: string) => Fault;
  /** Documents that are no files, by path. */
  readonly documents: Map<string, string>;
  /** Nobody answers any more. */
  stop(): Promise<void>;
}

export async function openLocalArchive(): Promise<LocalArchive> {
  const temp = await openTempFolder('local-archive');
  const keys = join(temp.path, 'keys');
  await mkdir(keys, { mode: 0o700 });
  await gpg(keys, '--passphrase', '', '--quick-gen-key', 'archive@test', 'rsa2048', 'sign');
  const keyring = join(temp.path, 'keyring.gpg');
  await gpg(keys, '--output', keyring, '--export', 'archive@test');
  const archive = { requests: [] as string[], documents: new Map<string, string>() };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  };
  const local: LocalArchive = {
    ...archive,
    folder: temp.path,
    environment: {
      CROSSBPF_DEBIAN_MIRROR: `${origin}/debian`,
      CROSSBPF_DEBIAN_KEYRING: keyring,
      CROSSBPF_DEBIAN_SNAPSHOT: origin,
    },
    addSuite: (suite, packages) => writeSuite({ folder: temp.path, keys, suite }, packages),
    fault: () => undefined,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await execa('gpgconf', ['--homedir', keys, '--kill', 'all'], { reject: false });
      await temp[Symbol.asyncDispose]();
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const path = decodeURIComponent(request.url ?? '/');
    archive.requests.push(path);
    const document = archive.documents.get(path);
    const data =
      document === undefined
        ? await readFile(join(temp.path, path)).catch(() => undefined)
        : Buffer.from(document);
    const fault = local.fault(path);
    if (data === undefined || fault === 'missing') {
      response.writeHead(404).end();
    } else if (fault === 'stall') {
      response.writeHead(200, { 'content-length': data.length });
      response.write(data.subarray(0, 1000));
    } else {
      const sent = fault === 'damage' ? damaged(data) : data;
      response.writeHead(200, { 'content-length': sent.length }).end(sent);
    }
  }
  return local;
}

function damaged(data: Buffer): Buffer {
  const copy = Buffer.from(data);
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
  return copy;
}

/** Packages of old kernels are told from meta packages by their size: a file that does not compress. */
export const PADDING = randomBytes(1_100_000);

async function gpg(home: string, ...args: string[]): Promise<void> {
  await execa('gpg', ['--homedir', home, '--batch', '--yes', '--quiet', ...args]);
}

interface SuiteFolder {
  readonly folder: string;
  readonly keys: string;
  readonly suite: string;
}

/** Of the main or, by its name, of the security archive. */
async function writeSuite(
  { folder, keys, suite }: SuiteFolder,
  packages: readonly PackageSpec[],
): Promise<void> {
  const root = join(folder, suite.endsWith('-security') ? 'debian-security' : 'debian');
  const stanzas: string[] = [];
  for (const item of packages) {
    stanzas.push(await writePackage(root, item));
  }
  const dist = join(root, 'dists', suite);
  const index = stanzas.join('\n');
  await write(join(dist, 'main/binary-amd64/Packages'), index);
  const release = `Suite: ${suite}
Codename: ${suite}
Date: ${new Date().toUTCString()}
Architectures: amd64
Components: main
SHA256:
 ${sha256(index)} ${Buffer.byteLength(index)} main/binary-amd64/Packages
`;
  await write(join(dist, 'Release'), release);
  await gpg(keys, '--output', join(dist, 'InRelease'), '--clearsign', join(dist, 'Release'));
}

async function writePackage(root: string, item: PackageSpec): Promise<string> {
  const tree = join(root, 'trees', `${item.name}_${item.version}`);
  const control = `Package: ${item.name}
Version: ${item.version}
Architecture: amd64
Maintainer: Test <test@test>
Description: a test
`;
  await write(join(tree, 'DEBIAN/control'), control);
  for (const [path, data] of Object.entries(item.files)) {
    await write(join(tree, path), data);
  }
  const file = join('pool', `${item.name}_${item.version}_amd64.deb`);
  await mkdir(join(root, 'pool'), { recursive: true });
  await execa('dpkg-deb', ['-Zgzip', '--root-owner-group', '--build', tree, join(root, file)]);
  const { size } = await stat(join(root, file));
  const digest = sha256(await readFile(join(root, file)));
  return `${control}Installed-Size: 2000\nFilename: ${file}\nSize: ${size}\nSHA256: ${digest}\n`;
}

async function write(path: string, data: Buffer | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, data);
}

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}
