import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { AgentPlatform } from '../../agent/agent-binary.ts';
import { CrossbpfError } from '../../crossbpf-error.ts';
import type { SshAnswer, SshConnection } from './ssh-connection.ts';

/** What an agent on another machine is put there with. */
export interface RemoteAgentOptions {
  readonly connection: SshConnection;
  readonly agentFor: (platform: AgentPlatform) => Promise<string>;
  readonly signal: AbortSignal;
}

/** The name by which an agent lies on other machines: another content, another name. */
export async function remoteAgentName(binary: string): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(binary))
    .digest('hex');
  return `agent-${digest.slice(0, 32)}`;
}

/** What follows `crossbpf=` in the output of a command, divided at each further `=`. */
export function readProbe({ stdout }: SshAnswer): string[] | undefined {
  return /^crossbpf=(.*?)\s*$/m.exec(stdout)?.[1]?.split('=');
}

/** The other machine is not what its target's name says. */
export function otherPlatform(
  { host }: SshConnection,
  wanted: 'Linux' | 'Windows',
  { stdout, stderr }: SshAnswer,
): CrossbpfError {
  const said = `${stderr}\n${stdout}`.trim().split(/\r?\n/)[0] ?? '';
  return new CrossbpfError({
    code: 'INFRA_OTHER_PLATFORM',
    message: `${host} does not answer as ${wanted} does${said === '' ? '' : `: ${said}`}`,
    hint: `Is it ${wanted}? Otherwise name it by ${wanted === 'Linux' ? 'windows' : 'linux'}-ssh.`,
  });
}

export function cannotCopy({ host }: SshConnection, { stderr, stdout }: SshAnswer): CrossbpfError {
  const said = (stderr || stdout).trim().split(/\r?\n/).at(-1) ?? '';
  return new CrossbpfError({
    code: 'INFRA_AGENT_COPY',
    message: `the agent cannot be copied to ${host}: ${said}`,
    hint: 'It goes into the cache folder of the user there, and needs 10 MB.',
  });
}
