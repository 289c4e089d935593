import type { AgentPlatform } from '../../agent/agent-binary.ts';
import { CrossbpfError } from '../../crossbpf-error.ts';
import {
  cannotCopy,
  otherPlatform,
  type RemoteAgentOptions,
  readProbe,
  remoteAgentName,
} from './remote-agent.ts';
import type { SshConnection } from './ssh-connection.ts';

const ARCHITECTURES: Readonly<Record<string, AgentPlatform['arch']>> = {
  ...{ x86_64: 'amd64', amd64: 'amd64', aarch64: 'arm64', arm64: 'arm64', s390x: 's390x' },
};

/** Of agents that no run has copied for so many days. */
const KEPT_DAYS = 30;

/**
 * Makes an agent ready on a Linux machine, and gives the command there that serves.
 *
 * @throws CrossbpfError `INFRA_…` for another platform, without the right to use BPF, or when it cannot be copied.
 */
export async function prepareLinuxAgent(options: RemoteAgentOptions): Promise<string> {
  const { connection, agentFor, signal } = options;
  const { arch, rights } = await probe(connection, signal);
  if (rights === 'none') throw noRights(connection);
  const binary = await agentFor({ os: 'linux', arch });
  const name = await remoteAgentName(binary);
  const there = await connection.run(script(`[ -x "$folder/${name}" ]`), { signal });
  if (there.exitCode !== 0) {
    const copied = await connection.run(script(copying(name)), { signal, inputFile: binary });
    if (copied.exitCode !== 0) throw cannotCopy(connection, copied);
  }
  return script(`exec ${rights === 'sudo' ? 'sudo -n ' : ''}"$folder/${name}" serve`);
}

interface Probed {
  readonly arch: AgentPlatform['arch'];
  readonly rights: string;
}

async function probe(connection: SshConnection, signal: AbortSignal): Promise<Probed> {
  const answer = await connection.run(script(PROBE), { signal });
  const [system, machine = '', rights = ''] = readProbe(answer) ?? [];
  if (system !== 'Linux') throw otherPlatform(connection, 'Linux', answer);
  const noise = answer.stdout.slice(0, answer.stdout.indexOf('crossbpf=')).trim();
  if (noise !== '') throw noisy(connection, noise);
  const arch = ARCHITECTURES[machine];
  if (arch === undefined) throw noAgent(connection, machine);
  return { arch, rights };
}

const PROBE = [
  'if [ "$(id -u)" = 0 ]; then rights=root',
  'elif sudo -n true 2>/dev/null; then rights=sudo',
  'else rights=none; fi',
  'echo "crossbpf=$(uname -s)=$(uname -m)=$rights"',
].join('; ');

/** Under a name of its own first: another run may look for it meanwhile. */
function copying(name: string): string {
  return [
    'umask 077; draft="$folder/draft-$$"',
    `if mkdir -p "$folder" && cat > "$draft" && chmod 700 "$draft" && mv "$draft" "$folder/${name}"`,
    `then find "$folder" -name "agent-*" -mtime +${KEPT_DAYS} -exec rm {} +`,
    'else rm -f "$draft"; false; fi',
  ].join('; ');
}

/** For any login shell: what is in single quotes is the same in all of them, so a script holds none itself. */
function script(text: string): string {
  return `sh -c 'folder="\${XDG_CACHE_HOME:-$HOME/.cache}/crossbpf"; ${text}'`;
}

function noRights({ host }: SshConnection): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_TARGET_NOT_READY',
    message: `the user of ${host} is not root, and sudo asks for a password there`,
    hint: 'Log in as root, or permit the user sudo without a password (NOPASSWD in sudoers).',
  });
}

/** What comes before the agent's first words would be taken for them. */
function noisy({ host }: SshConnection, noise: string): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_SSH_NOISE',
    message: `a start-up script of the shell on ${host} prints "${noise.split('\n')[0]}"`,
    hint: 'It must print nothing where there is no terminal (see ~/.bashrc there).',
  });
}

function noAgent({ host }: SshConnection, machine: string): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_NO_AGENT',
    message: `${host} is a ${machine} machine, for which there is no agent`,
    hint: 'There are agents for x86-64, arm64 and s390x.',
  });
}
