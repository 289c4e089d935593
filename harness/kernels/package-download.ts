import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CrossbpfError } from '../crossbpf-error.ts';
import type { KernelPackage } from './kernel-build.ts';
import { runTool } from './run-tool.ts';

export interface DownloadOptions {
  /** An empty folder for this package alone. */
  readonly folder: string;
  /** Told how many bytes are there, several times a second. */
  readonly onBytes: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

const POLL_MS = 200;
const FILE_NAME = 'package.deb';

/**
 * Downloads a package by apt's own client, which checks it against the SHA-256 of the signed list.
 * Gives the path of the file. INFRA_DOWNLOAD_FAILED says why, in apt's words.
 */
export async function downloadPackage(
  item: KernelPackage,
  { folder, onBytes, signal }: DownloadOptions,
): Promise<string> {
  const path = join(folder, FILE_NAME);
  const poll = setInterval(() => void sizeOf(folder).then(onBytes), POLL_MS);
  try {
    const options = ['-o', 'APT::Sandbox::User=root', '-o', 'Acquire::Retries=2'];
    const args = [...options, 'download-file', item.url, path, `SHA256:${item.sha256}`];
    const { exitCode, stderr } = await runTool('/usr/lib/apt/apt-helper', args, { signal });
    if (exitCode !== 0) {
      throw downloadFailed(item, stderr);
    }
  } finally {
    clearInterval(poll);
  }
  onBytes(item.size);
  return path;
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map(name =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return Math.max(0, ...sizes);
}

function downloadFailed({ name, url }: KernelPackage, output: string): CrossbpfError {
  const reason = output.split('\n').find(line => line.startsWith('E: ')) ?? output;
  const words = reason.replace('E: ', '').replace(`Failed to fetch ${url}`, '').trim();
  return new CrossbpfError({
    code: /404\s+Not Found/.test(output) ? 'INFRA_BUILD_GONE' : 'INFRA_DOWNLOAD_FAILED',
    message: `${name} could not be downloaded: ${words}`,
    hint: 'Try again with `crossbpf kernels --refresh`, or name another mirror with CROSSBPF_DEBIAN_MIRROR.',
    output,
  });
}
