import type { Duplex } from 'node:stream';
import { execa } from 'execa';
import { CrossbpfError } from '../crossbpf-error.ts';
import type { AgentHost } from './agent-connection.ts';
import type { TargetFacts } from './connection.ts';

/** A process on this machine whose standard streams lead to an agent, here or elsewhere. */
export interface AgentProcess extends AgentHost {
  readonly port: Duplex;
}

/** How such a process ended. */
export interface AgentEnd {
  /** `SIGKILL`, or `exit code 1`. */
  readonly how: string;
  readonly exitCode: number | undefined;
  /** The last line that it wrote to standard error; empty for none. */
  readonly said: string;
}

export interface AgentProcessOptions {
  readonly target: string;
  readonly command: readonly [file: string, ...args: string[]];
  readonly platform: TargetFacts['platform'];
  readonly mode: TargetFacts['mode'];
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** What to say of an end that nobody asked for; default: that the agent ended, and how. */
  readonly explainEnd?: ((end: AgentEnd) => CrossbpfError) | undefined;
}

/** Starts a process that leads to an agent. Its end is that of the connection. */
export function startAgentProcess(options: AgentProcessOptions): AgentProcess {
  const { target, command, platform, mode, environment, explainEnd } = options;
  const [file, ...args] = command;
  const agent = execa(file, args, {
    ...{ stdin: 'pipe', stdout: 'pipe', stderr: 'pipe', ...(environment && { env: environment }) },
    ...{ buffer: { stdout: false }, encoding: 'buffer', reject: false, forceKillAfterDelay: 1000 },
  });
  const port = agent.duplex();
  return {
    port,
    facts: { platform, mode, accel: null, start: null },
    async explainLoss(cause) {
      if (cause.code !== 'INFRA_AGENT_LOST') return cause.with({ target });
      const { exitCode, signal, stderr, shortMessage = '' } = await agent;
      const said =
        lastLine(Buffer.from(stderr ?? []).toString('utf8')) || spawnFailure(shortMessage);
      const end = { how: signal ?? `exit code ${exitCode}`, exitCode, said };
      return (explainEnd ?? agentEnded)(end).with({ target, cause });
    },
    async [Symbol.asyncDispose]() {
      port.destroy();
      agent.kill();
      await agent;
    },
  };
}

export function agentEnded({ how, said }: AgentEnd): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_AGENT_LOST',
    message: `the agent ended (${how})${said === '' ? '' : `: ${said}`}`,
  });
}

/** What execa says of a program that could not even be started. */
function spawnFailure(message: string): string {
  return /ENOENT|EACCES/.exec(message) === null ? '' : lastLine(message);
}

function lastLine(text: string): string {
  return text.trim().split(/\r?\n/).at(-1) ?? '';
}
