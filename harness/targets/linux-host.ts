import { execa } from 'execa';
import { locateAgentBinary } from '../agent/agent-binary.ts';
import { hostPlatform } from '../agent/host-platform.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import { type AgentHost, connectAgent } from './agent-connection.ts';
import type { Target } from './connection.ts';
import type { TargetContext } from './target-context.ts';

const GREETING_MS = 30_000;

/** This machine's own kernel. The only target on which objects are loaded outside a guest. */
export function createLinuxHost(id: string, context: TargetContext): Target {
  const now = () => performance.now();
  return {
    ...{ id, platform: 'linux', upstream: null },
    async open(signal) {
      const startedAt = now();
      const { packageRoot } = context;
      const binary = await locateAgentBinary({ platform: hostPlatform(), packageRoot, signal });
      return connectAgent(startAgent(id, binary), {
        ...{ target: id, hello: {}, timeoutMs: GREETING_MS, startedAt, now, signal },
      });
    },
  };
}

function startAgent(target: string, binary: string): AgentHost {
  const agent = execa(binary, ['serve'], {
    ...{ stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' },
    ...{ buffer: { stdout: false }, encoding: 'buffer', reject: false, forceKillAfterDelay: 1000 },
  });
  const port = agent.duplex();
  return {
    port,
    facts: { platform: 'linux', mode: 'host', accel: null, start: null },
    async explainLoss(cause) {
      if (cause.code !== 'INFRA_AGENT_LOST') return cause;
      const { exitCode, signal, stderr } = await agent;
      const said = Buffer.from(stderr).toString('utf8').trim().split('\n').at(-1);
      return new CrossbpfError({
        code: 'INFRA_AGENT_LOST',
        target,
        message: `the agent ended (${signal ?? `exit code ${exitCode}`})${said ? `: ${said}` : ''}`,
        cause,
      });
    },
    async [Symbol.asyncDispose]() {
      port.destroy();
      agent.kill();
      await agent;
    },
  };
}
