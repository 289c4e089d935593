import { CrossbpfError } from '../crossbpf-error.ts';
import type { AgentPlatform } from './agent-binary.ts';

const ARCHITECTURES: Readonly<Record<string, AgentPlatform['arch']>> = {
  x64: 'amd64',
  arm64: 'arm64',
  s390x: 's390x',
};

/**
 * This machine, in Go's words.
 *
 * @throws CrossbpfError `INFRA_HOST_PLATFORM` where crossbpf cannot run.
 */
export function hostPlatform(
  platform: string = process.platform,
  architecture: string = process.arch,
): AgentPlatform {
  const os = ({ linux: 'linux', win32: 'windows' } as const)[platform];
  const arch = ARCHITECTURES[architecture];
  if (os !== undefined && arch !== undefined) return { os, arch };
  throw new CrossbpfError({
    code: 'INFRA_HOST_PLATFORM',
    message: `crossbpf does not run on ${platform}/${architecture}`,
    hint: 'It runs on Linux (x86-64, arm64, s390x) and on Windows (x86-64).',
  });
}
