import type { CrossbpfError } from '../../crossbpf-error.ts';
import {
  type AgentEnd,
  type AgentProcess,
  agentEnded,
  startAgentProcess,
} from '../agent-process.ts';
import type { TargetFacts } from '../connection.ts';
import { prepareLinuxAgent } from './linux-agent.ts';
import type { RemoteAgentOptions } from './remote-agent.ts';
import { SSH_FAILED, SshConnection, type SshPlace } from './ssh-connection.ts';
import { connectionLost } from './ssh-error.ts';
import { prepareWindowsAgent } from './windows-agent.ts';

export interface SshAgentOptions extends Pick<RemoteAgentOptions, 'agentFor' | 'signal'> {
  readonly target: string;
  readonly platform: TargetFacts['platform'];
  readonly place: SshPlace;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Starts an agent on another machine, which is copied there when it is not there yet. The connection and the
 * agent end with it.
 *
 * @throws CrossbpfError as `SshConnection.open`, `prepareLinuxAgent` and `prepareWindowsAgent` do.
 */
export async function startSshAgent(options: SshAgentOptions): Promise<AgentProcess> {
  const { target, platform, place, environment, agentFor, signal } = options;
  await using cleanup = new AsyncDisposableStack();
  const connection = cleanup.use(await SshConnection.open(place, { environment, signal }));
  const prepare = platform === 'windows' ? prepareWindowsAgent : prepareLinuxAgent;
  const remote = await prepare({ connection, agentFor, signal });
  const agent = startAgentProcess({
    ...{ target, platform, mode: 'remote', environment, command: connection.command(remote) },
    explainEnd: end => explainEnd(end, connection.host),
  });
  cleanup.use(agent);
  const owned = cleanup.move();
  return { ...agent, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** `ssh` itself ends with 255 when its connection does, and by a signal when it is killed. */
function explainEnd(end: AgentEnd, host: string): CrossbpfError {
  const isOfSsh = end.exitCode === SSH_FAILED || end.exitCode === undefined;
  return isOfSsh ? connectionLost(host, end.said) : agentEnded(end);
}
