import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';

/** An OpenSSH server of the test's own, on this machine alone. */
export interface LoopbackSsh extends AsyncDisposable {
  readonly port: number;
  readonly user: string;
  /** What `ssh -F` takes to reach it, with its key and the user's; the host is called `loopback`. */
  readonly config: string;
  /** Where the server's sessions keep their caches. */
  readonly cache: string;
  /** As `config`, with another key, which the server does not accept. */
  readonly strangersConfig: string;
  /** Another configuration: these settings first, then those of `config`. */
  writeConfig(name: string, settings: readonly string[]): Promise<string>;
  /** What the server has logged until now. */
  said(): string;
}

export interface LoopbackOptions {
  /** Further lines of sshd_config. */
  readonly settings?: (folder: string) => readonly string[];
  /** The processor that it and all its sessions run on; default: any. */
  readonly processor?: number;
}

/** Starts the server, whose sessions are those of the user that the tests run as. */
export async function openLoopbackSsh(options: LoopbackOptions = {}): Promise<LoopbackSsh> {
  await using cleanup = new AsyncDisposableStack();
  const folder = cleanup.use(await openTempFolder('sshd')).path;
  const [port, user] = [await freePort(), userInfo().username];
  const at = (name: string) => path.join(folder, name);
  for (const key of ['host-key', 'user-key', 'other-key']) {
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(key)]);
  }
  const hostKey = (await execa('ssh-keygen', ['-y', '-f', at('host-key')])).stdout;
  await writeFile(at('known-hosts'), `[127.0.0.1]:${port} ${hostKey}\n`);
  const settings = options.settings?.(folder) ?? [];
  await writeFile(at('sshd_config'), serverConfig({ folder, port, settings }));
  // As root the server confines itself to a folder that Debian's service would have made.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });
  const bound = options.processor === undefined ? [] : ['taskset', '-c', `${options.processor}`];
  const [file = '', ...args] = [...bound, '/usr/sbin/sshd', '-D', '-e', '-f', at('sshd_config')];
  const server = execa(file, args, { reject: false, stdin: 'ignore' });
  cleanup.defer(async () => {
    server.kill();
    await server;
  });
  let said = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', chunk => {
      said += chunk;
    });
  }
  await listening(server, () => said);
  const client = [
    ...['Host loopback', 'HostName 127.0.0.1', `Port ${port}`, `User ${user}`],
    ...['IdentitiesOnly yes', `UserKnownHostsFile ${at('known-hosts')}`],
  ];
  const writeConfig = async (name: string, first: readonly string[], key = 'user-key') => {
    const lines = [...first, ...client, `IdentityFile ${at(key)}`];
    await writeFile(at(name), `${lines.join('\n')}\n`);
    return at(name);
  };
  const config = await writeConfig('config', []);
  const strangersConfig = await writeConfig('strangers-config', [], 'other-key');
  const owned = cleanup.move();
  return {
    ...{ port, user, config, writeConfig, cache: at('cache'), strangersConfig },
    said: () => said,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

interface ServerConfig {
  readonly folder: string;
  readonly port: number;
  readonly settings: readonly string[];
}

function serverConfig({ folder, port, settings }: ServerConfig): string {
  return [
    ...settings,
    ...[`Port ${port}`, 'ListenAddress 127.0.0.1', 'PidFile none', 'UsePAM no', 'StrictModes no'],
    ...[`HostKey ${folder}/host-key`, `AuthorizedKeysFile ${folder}/user-key.pub`],
    ...['PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'PermitRootLogin yes'],
    ...[`SetEnv XDG_CACHE_HOME=${folder}/cache`, 'Subsystem sftp internal-sftp', ''],
  ].join('\n');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function listening(server: AsyncIterableStderr, said: () => string): Promise<void> {
  if (said().includes('Server listening')) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.stderr.on('data', () => {
    if (said().includes('Server listening')) resolve();
  });
  server.then(() => reject(new Error(`sshd ended: ${said()}`)));
  return promise;
}

interface AsyncIterableStderr extends PromiseLike<unknown> {
  readonly stderr: NodeJS.ReadableStream;
}
