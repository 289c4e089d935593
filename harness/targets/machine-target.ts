import type { AgentPlatform } from '../agent/agent-binary.ts';
import { hostPlatform } from '../agent/host-platform.ts';
import type { HelloReply } from '../agent/messages.ts';
import type { MachineTarget } from '../config/target-name.ts';
import { asError, CrossbpfError } from '../crossbpf-error.ts';
import { AgentConnection, explaining, greetAgent } from './agent-connection.ts';
import { type AgentProcess, startAgentProcess } from './agent-process.ts';
import type { Target } from './connection.ts';
import { startSshAgent } from './ssh/ssh-agent.ts';
import type { TargetContext } from './target-context.ts';
import { bringUp } from './vagrant.ts';
import { vagrantFolder } from './vagrant-folder.ts';

/**
 * What the conversion of an object to a native image may take on Windows: the first one fetches the driver kit. The agent
 * itself ends one after 10 minutes (agent/efw/convert_windows.go), and says so.
 */
const CONVERSION_MS = 11 * 60_000;

export interface MachineContext extends TargetContext {
  /** The agent's file for a platform. */
  readonly agentFor: (platform: AgentPlatform) => Promise<string>;
}

/** A machine that is there already: this one, or one that is reached over a byte stream. */
export function createMachineTarget(name: MachineTarget, context: MachineContext): Target {
  const { id, platform, version } = name;
  return {
    ...{ id, platform, upstream: version, isShared: true },
    ...(platform === 'windows' && { preparationMs: CONVERSION_MS }),
    async open(signal) {
      const startedAt = performance.now();
      try {
        await using cleanup = new AsyncDisposableStack();
        const host = cleanup.use(await startAgent(name, context, signal));
        const agent = await explaining(host, greetAgent(host.port, {}));
        checkMachine(name, agent.hello);
        cleanup.move();
        return new AgentConnection({ host, agent, signal, startMs: performance.now() - startedAt });
      } catch (thrown) {
        signal.throwIfAborted();
        throw thrown instanceof CrossbpfError ? thrown.with({ target: id }) : asError(thrown);
      }
    },
  };
}

async function startAgent(
  { id: target, platform, machine, version }: MachineTarget,
  context: MachineContext,
  signal: AbortSignal,
): Promise<AgentProcess> {
  const { environment, agentFor } = context;
  switch (machine.kind) {
    case 'linux-host':
    case 'windows-local': {
      const here = hostPlatform();
      if (here.os !== platform) throw notHere(platform);
      const command = [await agentFor(here), 'serve'] as const;
      return startAgentProcess({ target, platform, mode: 'host', command });
    }
    case 'linux-command':
    case 'windows-command': {
      const binary = await agentFor({ os: platform, arch: hostPlatform().arch });
      const [file = '', ...args] = machine.command.map(word => word.replaceAll('{agent}', binary));
      const command = [file, ...args] as const;
      return startAgentProcess({ target, platform, mode: 'remote', command, environment });
    }
    case 'linux-ssh':
    case 'windows-ssh':
      return startSshAgent({ target, platform, place: machine, environment, agentFor, signal });
    case 'linux-vagrant':
    case 'windows-vagrant': {
      await using cleanup = new AsyncDisposableStack();
      const up = await bringUp({
        folder: await vagrantFolder(machine, context),
        ...{ machine: machine.machine, version, environment, signal },
        onNotice: message => context.onNotice?.(target, message),
      });
      cleanup.use(up);
      const agent = await startSshAgent({
        ...{ target, platform, place: up, environment, agentFor, signal },
      });
      cleanup.use(agent);
      const owned = cleanup.move();
      return { ...agent, [Symbol.asyncDispose]: () => owned.disposeAsync() };
    }
  }
}

function notHere(platform: 'linux' | 'windows'): CrossbpfError {
  const name = platform === 'windows' ? 'Windows' : 'Linux';
  return new CrossbpfError({
    code: 'INFRA_OTHER_PLATFORM',
    message: `this machine does not run ${name}`,
    hint: `Name one that does: -t ${platform}-ssh:user@host.`,
  });
}

/** A column must not say another thing than what answers in it. */
function checkMachine({ platform, version }: MachineTarget, { agent, runtime }: HelloReply): void {
  if (agent.os !== platform) {
    throw new CrossbpfError({
      code: 'INFRA_OTHER_PLATFORM',
      message: `an agent for ${agent.os} answers, not one for ${platform}`,
    });
  }
  const found = /^\d+(?:\.\d+)+/.exec(runtime?.version ?? '')?.[0];
  if (version === null || found === undefined || `${found}.`.startsWith(`${version}.`)) return;
  throw new CrossbpfError({
    code: 'INFRA_OTHER_VERSION',
    message: `the machine has eBPF for Windows ${found}`,
    hint: `Install ${version} there, or name the target windows@${found}.`,
  });
}
