import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { CrossbpfError } from '../crossbpf-error.ts';
import { openTempFolder } from '../storage/temp-folder.ts';

/** A platform that an agent is built for, in Go's words. */
export interface AgentPlatform {
  readonly os: 'linux' | 'windows';
  readonly arch: 'amd64' | 'arm64' | 's390x';
}

export interface AgentBinaryOptions {
  readonly platform: AgentPlatform;
  /** The root of this package: where `agent/` (in a checkout) and `dist/agent/` are. */
  readonly packageRoot: string;
  readonly signal?: AbortSignal;
}

/**
 * The path of the agent for a platform. In a checkout it is built by Go when it is missing or older
 * than its sources; in an installed package it is part of the package.
 *
 * @throws CrossbpfError `INFRA_NO_AGENT`, `INFRA_NO_GO` or `INFRA_AGENT_BUILD`.
 */
export async function locateAgentBinary(options: AgentBinaryOptions): Promise<string> {
  const { platform, packageRoot } = options;
  const suffix = platform.os === 'windows' ? '.exe' : '';
  const name = `crossbpf-agent-${platform.os}-${platform.arch}${suffix}`;
  const binary = path.join(packageRoot, 'dist/agent', name);
  const [built, changed] = await Promise.all([
    modifiedAt(binary),
    newestSource(path.join(packageRoot, 'agent')),
  ]);
  if (built !== undefined && built >= (changed ?? 0)) return binary;
  if (changed !== undefined) await buildAgent(binary, options);
  else {
    throw new CrossbpfError({
      code: 'INFRA_NO_AGENT',
      message: `this package has no agent for ${platform.os}/${platform.arch}`,
      hint: 'Build it from a checkout: npm run build:agent.',
    });
  }
  return binary;
}

/** Builds to a name of its own first: another run may be starting the present binary, or build it too, or this one twice. */
async function buildAgent(binary: string, options: AgentBinaryOptions): Promise<void> {
  const { platform, packageRoot, signal } = options;
  await mkdir(path.dirname(binary), { recursive: true });
  const unfinished = `${binary}.${randomUUID()}`;
  // Go leaves its own folder and a part of the binary when it is ended by a signal.
  await using work = await openTempFolder('go-build');
  await using _removed = { [Symbol.asyncDispose]: () => rm(unfinished, { force: true }) };
  const { execa } = await import('execa');
  const build = await execa(
    'go',
    ['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w', '-o', unfinished, '.'],
    {
      cwd: path.join(packageRoot, 'agent'),
      env: { CGO_ENABLED: '0', GOOS: platform.os, GOARCH: platform.arch, GOTMPDIR: work.path },
      reject: false,
      all: true,
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    },
  );
  if (!build.failed) return await rename(unfinished, binary);
  signal?.throwIfAborted();
  if (build.code === 'ENOENT') {
    throw new CrossbpfError({
      code: 'INFRA_NO_GO',
      message: 'the agent is not built yet, and Go is not installed',
      hint: 'Install Go (https://go.dev/dl), or the golang package of your distribution.',
    });
  }
  throw new CrossbpfError({
    code: 'INFRA_AGENT_BUILD',
    message: 'the agent does not build',
    hint: 'Run npm run build:agent.',
    output: build.all ?? '',
    cause: build,
  });
}

async function newestSource(folder: string): Promise<number | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sources = entries.filter(
    entry => entry.isFile() && /\.go$|^go\.(mod|sum)$/.test(entry.name),
  );
  const times = await Promise.all(
    sources
      .filter(entry => !entry.name.endsWith('_test.go'))
      .map(entry => modifiedAt(path.join(entry.parentPath, entry.name))),
  );
  return times.length === 0 ? undefined : Math.max(...times.map(time => time ?? 0));
}

async function modifiedAt(file: string): Promise<number | undefined> {
  return (await stat(file).catch(() => undefined))?.mtimeMs;
}
