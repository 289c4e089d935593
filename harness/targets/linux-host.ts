import type { Duplex } from 'node:stream';
import { execa } from 'execa';
import { locateAgentBinary } from '../agent/agent-binary.ts';
import { hostPlatform } from '../agent/host-platform.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import { AgentConnection, type AgentHost, explaining, greetAgent } from './agent-connection.ts';
import type { Target } from './connection.ts';
import type { TargetContext } from './target-context.ts';

/** This machine's own kernel. The only target on which objects are loaded outside a guest. */
export function createLinuxHost(id: string, { packageRoot }: TargetContext): Target {
  return {
    ...{ id, platform: 'linux', upstream: null },
    async open(signal) {
      const startedAt = performance.now();
      const binary = await locateAgentBinary({ platform: hostPlatform(), packageRoot, signal });
      const host = startAgent(id, binary);
      await using cleanup = new AsyncDisposableStack();
      cleanup.use(host);
      const agent = await explaining(host, greetAgent(host.port, {}));
      cleanup.move();
      return new AgentConnection({ host, agent, signal, startMs: performance.now() - startedAt });
    },
  };
}

function startAgent(target: string, binary: string): AgentHost & { readonly port: Duplex } {
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
        ...{ code: 'INFRA_AGENT_LOST', target, cause },
        message: `the agent ended (${signal ?? `exit code ${exitCode}`})${said ? `: ${said}` : ''}`,
      });
    },
    async [Symbol.asyncDispose]() {
      port.destroy();
      agent.kill();
      await agent;
    },
  };
}
