// `npm run build:agent`: builds the agent for this machine, or says why it cannot.
import { locateAgentBinary } from '../harness/agent/agent-binary.ts';
import { hostPlatform } from '../harness/agent/host-platform.ts';
import { root } from './set-up.mjs';

try {
  const binary = await locateAgentBinary({ platform: hostPlatform(), packageRoot: root });
  process.stderr.write(`crossbpf: the agent is ${binary}\n`);
} catch (error) {
  process.stderr.write(`${error.summary ?? error}\n${error.facts?.output ?? ''}`);
  process.exitCode = 3;
}
