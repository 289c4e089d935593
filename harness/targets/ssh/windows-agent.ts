import { randomUUID } from 'node:crypto';
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
  ...{ AMD64: 'amd64', ARM64: 'arm64' },
};

/** Relative to the user's own folder, where both commands and `sftp` begin: no name with blanks needs quotes. */
const FOLDERS = ['AppData', 'Local', 'crossbpf'];

/** In cmd it has values between per cent signs, in PowerShell behind a dollar sign, and in a POSIX shell none. */
const PROBE = 'echo crossbpf=%OS%=%PROCESSOR_ARCHITECTURE%=$PSHOME';

/**
 * Makes an agent ready on a Windows machine, and gives the command there that serves.
 *
 * Commands are for cmd.exe, OpenSSH's own choice of a shell on Windows. PowerShell in its place reads the standard
 * input of what it runs, so that no agent could be talked to.
 *
 * @throws CrossbpfError `INFRA_…` for another platform or shell, or when the agent cannot be copied.
 */
export async function prepareWindowsAgent(options: RemoteAgentOptions): Promise<string> {
  const { connection, agentFor, signal } = options;
  const arch = await probe(connection, signal);
  const binary = await agentFor({ os: 'windows', arch });
  const name = `${await remoteAgentName(binary)}.exe`;
  const path = [...FOLDERS, name].join('/');
  const isThere = async () =>
    (await connection.transfer([`ls ${path}`], { signal })).exitCode === 0;
  if (!(await isThere())) {
    // Under a name of its own first: another run may look for it meanwhile, and may be the first to rename its own.
    const draft = [...FOLDERS, `draft-${randomUUID()}`].join('/');
    const copied = await connection.transfer(
      [
        ...FOLDERS.map((_, index) => `-mkdir ${FOLDERS.slice(0, index + 1).join('/')}`),
        `put "${binary.replaceAll(/["\\]/g, '\\$&')}" ${draft}`,
        `rename ${draft} ${path}`,
      ],
      { signal },
    );
    if (copied.exitCode !== 0) {
      await connection.transfer([`-rm ${draft}`], { signal });
      if (!(await isThere())) throw cannotCopy(connection, copied);
    }
  }
  return `${[...FOLDERS, name].join('\\')} serve`;
}

async function probe(connection: SshConnection, signal: AbortSignal) {
  const answer = await connection.run(PROBE, { signal });
  const [system, machine = '', shell = ''] = readProbe(answer) ?? [];
  if (system === '%OS%' && shell !== '') throw otherShell(connection);
  if (system !== 'Windows_NT') throw otherPlatform(connection, 'Windows', answer);
  const arch = ARCHITECTURES[machine];
  if (arch !== undefined) return arch;
  throw new CrossbpfError({
    code: 'INFRA_NO_AGENT',
    message: `${connection.host} is a ${machine} machine, for which there is no agent`,
    hint: 'There are agents for AMD64 and ARM64.',
  });
}

function otherShell({ host }: SshConnection): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_WINDOWS_SHELL',
    message: `PowerShell is the shell of OpenSSH on ${host}, which keeps an agent's input for itself`,
    hint: 'Use cmd.exe there, OpenSSH’s own choice: Remove-ItemProperty HKLM:\\SOFTWARE\\OpenSSH DefaultShell.',
  });
}
