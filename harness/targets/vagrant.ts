import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { CrossbpfError } from '../crossbpf-error.ts';
import { openTempFolder } from '../storage/temp-folder.ts';

export interface VagrantOptions {
  /** Where the Vagrantfile is. */
  readonly folder: string;
  /** One of its machines; undefined: its only or primary one. */
  readonly machine: string | undefined;
  /** The version of eBPF for Windows to provision. */
  readonly version: string | null;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Called before what can take minutes. */
  readonly onNotice: (message: string) => void;
}

/** A machine that is up, as it was right after it was provisioned. */
export interface VagrantMachineUp extends AsyncDisposable {
  /** What `ssh -F` takes. */
  readonly sshConfig: string;
  /** By which name `sshConfig` knows the machine. */
  readonly host: string;
}

/**
 * Brings a machine of Vagrant's up. The first time its state is saved as a snapshot, to which every later call goes
 * back; files that changed in the folder make another one. It stays up afterwards, as after `vagrant up`.
 *
 * @throws CrossbpfError `USAGE_NO_VAGRANTFILE`, `INFRA_NO_VAGRANT` or `INFRA_VAGRANT`, with Vagrant's own words.
 */
export async function bringUp(options: VagrantOptions): Promise<VagrantMachineUp> {
  const vagrant = new Vagrant(options);
  const snapshot = `crossbpf-${await digestOf(options)}`;
  if (await vagrant.hasSnapshot(snapshot)) {
    options.onNotice(`going back to the snapshot ${snapshot}`);
    await vagrant.run(['snapshot', 'restore', '--no-provision'], snapshot);
  } else {
    options.onNotice('vagrant up --provision, which can take long the first time');
    await vagrant.run(['up', '--provision']);
    await vagrant.run(['snapshot', 'save', '--force'], snapshot);
  }
  await using cleanup = new AsyncDisposableStack();
  const folder = cleanup.use(await openTempFolder('vagrant'));
  const sshConfig = path.join(folder.path, 'ssh-config');
  const text = await vagrant.run(['ssh-config']);
  await writeFile(sshConfig, text, { mode: 0o600 });
  const host = /^Host (\S+)/m.exec(text)?.[1] ?? options.machine ?? 'default';
  const owned = cleanup.move();
  return { sshConfig, host, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

class Vagrant {
  readonly #options: VagrantOptions;

  constructor(options: VagrantOptions) {
    this.#options = options;
  }

  /** A machine that is not created yet has none, which Vagrant calls an error or says in words. */
  async hasSnapshot(name: string): Promise<boolean> {
    const { stdout } = await this.#execute(this.#args(['snapshot', 'list']));
    return stdout.split(/\r?\n/).some(line => line.trim() === name);
  }

  /** Gives what was written to standard output. */
  async run(command: readonly string[], name?: string): Promise<string> {
    const args = this.#args(command, name);
    const { exitCode, stdout, said } = await this.#execute(args);
    if (exitCode === 0) return stdout;
    throw new CrossbpfError({
      code: 'INFRA_VAGRANT',
      message: `vagrant ${args.join(' ')} failed in ${this.#options.folder}`,
      hint: 'Run it there by hand.',
      output: said,
    });
  }

  #args(command: readonly string[], name?: string): string[] {
    const { machine } = this.#options;
    // `vagrant snapshot save NAME` is about all machines, `… save MACHINE NAME` about one.
    const only = machine === undefined ? [] : [machine];
    return [...command, ...only, ...(name === undefined ? [] : [name])];
  }

  async #execute(args: readonly string[]) {
    const { folder, environment, signal, version } = this.#options;
    const chosen = version === null ? {} : { CROSSBPF_EBPF_VERSION: version };
    const ended = await execa('vagrant', args, {
      ...{ cwd: folder, env: { ...environment, ...chosen }, reject: false, all: true },
      ...{ stdin: 'ignore', cancelSignal: signal, forceKillAfterDelay: 30_000 },
    });
    signal.throwIfAborted();
    if (ended.code === 'ENOENT') throw noVagrant(ended);
    return { exitCode: ended.exitCode, stdout: ended.stdout, said: ended.all };
  }
}

function noVagrant(cause: unknown): CrossbpfError {
  return new CrossbpfError({
    ...{ code: 'INFRA_NO_VAGRANT', message: 'vagrant is not installed', cause },
    hint: 'Install it, with `apt-get install vagrant` on Debian and Ubuntu.',
  });
}

/** Of what a machine is made from, so that a snapshot of another one is not taken for it. */
async function digestOf({ folder, version }: VagrantOptions): Promise<string> {
  if ((await stat(path.join(folder, 'Vagrantfile')).catch(() => undefined)) === undefined) {
    throw new CrossbpfError({
      code: 'USAGE_NO_VAGRANTFILE',
      ...{ message: 'there is no Vagrantfile', file: folder },
      hint: 'Name the folder: -t windows-vagrant:FOLDER, or folder among the remotes of the configuration.',
    });
  }
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter(entry => entry.isFile())
    .map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter(file => !file.startsWith('.vagrant'))
    .sort();
  const hash = createHash('sha256').update(version ?? '');
  for (const file of files)
    hash.update(`${file}\n`).update(await readFile(path.join(folder, file)));
  return hash.digest('hex').slice(0, 12);
}
