import { chmod, stat } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import type { SshMachine } from '../../config/machine.ts';
import { CrossbpfError } from '../../crossbpf-error.ts';
import { openTempFolder, type TempFolder } from '../../storage/temp-folder.ts';
import { parentBound } from '../../vm/parent-bound.ts';
import { connectFailure, connectionLost, noSsh } from './ssh-error.ts';

/** Where to connect to. Paths are absolute. */
export type SshPlace = Pick<SshMachine, 'host' | 'port' | 'identity' | 'sshConfig'>;

export interface SshOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** What a command on the other machine said. */
export interface SshAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const CONNECT_SECONDS = 15;
/** A machine that says nothing for that long, three times, is gone. */
const ALIVE_SECONDS = 10;
const COMMAND_MS = 120_000;
/** `ssh` gives this code for what went wrong with itself. */
export const SSH_FAILED = 255;
const READY = 'crossbpf-is-connected';

/**
 * A connection of the system's `ssh`, which all commands share (ControlMaster). It asks for nothing: what would
 * need a password or an answer fails. It ends with this process, however that ends.
 */
export class SshConnection implements AsyncDisposable {
  readonly #place: SshPlace;
  readonly #folder: TempFolder;
  readonly #master: ReturnType<typeof startMaster>;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(place: SshPlace, folder: TempFolder, options: SshOptions) {
    this.#place = place;
    this.#folder = folder;
    this.#environment = options.environment;
    this.#master = startMaster([...this.#options('yes'), '--', place.host], options.environment);
  }

  /**
   * @throws CrossbpfError `INFRA_SSH_…` when the machine cannot be reached or does not let us in,
   * `INFRA_NO_SSH`, `USAGE_…` for files that are not there.
   */
  static async open(place: SshPlace, options: SshOptions): Promise<SshConnection> {
    options.signal.throwIfAborted();
    await checkFiles(place);
    await using cleanup = new AsyncDisposableStack();
    const folder = cleanup.use(await openTempFolder('ssh'));
    // Who can open the socket is on the other machine.
    await chmod(folder.path, 0o700);
    const connection = cleanup.use(new SshConnection(place, folder, options));
    await connection.#connected(options.signal);
    cleanup.move();
    return connection;
  }

  /** As messages name it. */
  get host(): string {
    const { host, port } = this.#place;
    return port === undefined ? host : `${host}:${port}`;
  }

  /** The command line here that runs a command there. */
  command(remote: string): readonly [file: string, ...args: string[]] {
    return ['ssh', ...this.#options('no'), '-T', '--', this.#place.host, remote];
  }

  /** Runs a command of the other machine's shell to its end; `inputFile` is what it reads. */
  async run(
    remote: string,
    options: { readonly signal: AbortSignal; readonly inputFile?: string },
  ) {
    return this.#execute(this.command(remote), options);
  }

  /** Carries out commands of `sftp`; paths are relative to the user's own folder. The first that fails ends it. */
  async transfer(commands: readonly string[], { signal }: { readonly signal: AbortSignal }) {
    const { host } = this.#place;
    const args = this.#options('no', '-P');
    return this.#execute(['sftp', '-b', '-', ...args, '--', isBare(host) ? `[${host}]` : host], {
      ...{ signal, input: `${commands.join('\n')}\n` },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#master.kill();
    await this.#master;
    await this.#folder[Symbol.asyncDispose]();
  }

  async #execute(
    [file, ...args]: readonly [string, ...string[]],
    { signal, ...input }: { signal: AbortSignal; inputFile?: string; input?: string },
  ): Promise<SshAnswer> {
    const { exitCode, stdout, stderr, timedOut } = await execa(file, args, {
      ...{ reject: false, env: this.#environment, timeout: COMMAND_MS, cancelSignal: signal },
      ...('inputFile' in input || 'input' in input ? input : { stdin: 'ignore' }),
    });
    signal.throwIfAborted();
    if (timedOut) throw connectionLost(this.host, `no answer in ${COMMAND_MS / 1000} s`);
    if (exitCode === undefined || exitCode === SSH_FAILED) throw connectionLost(this.host, stderr);
    return { exitCode, stdout: String(stdout), stderr: String(stderr) };
  }

  async #connected(signal: AbortSignal): Promise<void> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      const isReady = await Promise.race([this.#saidReady(), aborted]);
      if (!isReady) throw await this.#whyNot();
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** False when it ended before. */
  async #saidReady(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    let said = '';
    this.#master.stdout.on('data', chunk => {
      said += chunk;
      if (said.includes(READY)) resolve(true);
    });
    this.#master.then(() => resolve(false));
    return promise;
  }

  async #whyNot(): Promise<CrossbpfError> {
    const { stderr, cause, exitCode } = await this.#master;
    const said = String(stderr ?? '');
    const isMissing = exitCode === 127 || /failed to execute ssh/.test(said);
    if (isMissing) return noSsh(cause);
    return connectFailure(said, { host: this.host, command: byHand(this.#place) });
  }

  #options(master: 'yes' | 'no', portFlag = '-p'): string[] {
    const { port, identity, sshConfig } = this.#place;
    const socket = path.join(this.#folder.path, 's').replaceAll('%', '%%');
    const settings = {
      ...{ BatchMode: 'yes', LogLevel: 'ERROR', ControlMaster: master, ControlPersist: 'no' },
      ...{ ControlPath: `"${socket}"`, ConnectTimeout: CONNECT_SECONDS },
      ...{ ServerAliveInterval: ALIVE_SECONDS, ServerAliveCountMax: 3 },
      // What a user's configuration may say of sessions for people.
      ...{
        RemoteCommand: 'none',
        ForwardAgent: 'no',
        ForwardX11: 'no',
        ClearAllForwardings: 'yes',
      },
      // How the shared connection tells that it is there.
      PermitLocalCommand: master,
      ...(master === 'yes' && { LocalCommand: `echo ${READY}` }),
      ...(identity !== undefined && { IdentitiesOnly: 'yes' }),
    };
    return [
      ...(sshConfig === undefined ? [] : ['-F', sshConfig]),
      ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
      ...(identity === undefined ? [] : ['-i', identity]),
      ...(port === undefined ? [] : [portFlag, String(port)]),
      ...(master === 'yes' ? ['-N', '-T'] : []),
    ];
  }
}

function startMaster(args: readonly string[], environment: NodeJS.ProcessEnv) {
  const command = parentBound({ file: 'ssh', args });
  return execa(command.file, command.args, {
    ...{ stdin: 'ignore', reject: false, env: environment, forceKillAfterDelay: 1000 },
  });
}

/** How a user connects to the same place. */
function byHand({ host, port, identity, sshConfig }: SshPlace): string {
  const options = [
    ...(sshConfig === undefined ? [] : ['-F', sshConfig]),
    ...(identity === undefined ? [] : ['-i', identity]),
    ...(port === undefined ? [] : ['-p', String(port)]),
  ];
  return ['ssh', ...options, host].join(' ');
}

/** `sftp` takes what follows a colon for a path. */
function isBare(host: string): boolean {
  return host.includes(':') && !host.includes('[');
}

async function checkFiles({ identity, sshConfig }: SshPlace): Promise<void> {
  for (const file of [identity, sshConfig]) {
    if (file === undefined || (await stat(file).catch(() => undefined)) !== undefined) continue;
    throw new CrossbpfError({
      code: 'USAGE_NO_SUCH_FILE',
      ...{ message: 'no such file', file },
      hint: 'It is named among the remotes of the configuration.',
    });
  }
}
