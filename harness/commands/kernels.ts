import { loadConfig } from '../config/load-config.ts';
import { nearest } from '../config/nearest.ts';
import { architectureOf, parseTargetName } from '../config/target-name.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import { listCachedKernels, pruneKernelCache } from '../kernels/cached-kernels.ts';
import type { Architecture, KernelReference } from '../kernels/kernel.ts';
import { type ListedBuild, listKernelBuilds } from '../kernels/list-builds.ts';
import { resolveKernels } from '../kernels/resolve-kernels.ts';
import { createColors } from '../report/colors.ts';
import { formatBytes } from '../report/format-bytes.ts';
import { ProgressDisplay } from '../report/progress.ts';
import { GUEST_MODULES } from '../targets/linux-vm.ts';
import type { CommandContext } from './context.ts';
import { EXIT } from './exit-code.ts';
import { formatError } from './failure.ts';

export interface KernelsOptions {
  readonly target: readonly string[];
  readonly config?: string;
  readonly refresh: boolean;
  readonly json: boolean;
  readonly all: boolean;
}

/** `crossbpf kernels [list|fetch|prune]`. */
export async function kernelsCommand(
  action: string,
  options: KernelsOptions,
  context: CommandContext,
): Promise<number> {
  switch (action) {
    case 'list':
      return listCommand(options, context);
    case 'fetch':
      return fetchCommand(options, context);
    case 'prune':
      return pruneCommand(options, context);
    default:
      throw new CrossbpfError({
        code: 'USAGE_UNKNOWN_ACTION',
        message: `kernels cannot ${action}`,
        hint: `${didYouMean(action)}It can list, fetch and prune.`,
      });
  }
}

function didYouMean(action: string): string {
  const close = nearest(action, ['list', 'fetch', 'prune']);
  return close === undefined ? '' : `Did you mean ${close}? `;
}

async function listCommand(options: KernelsOptions, context: CommandContext): Promise<number> {
  const progress = new ProgressDisplay(context.stderr);
  const { cacheRoot, environment, signal, stdout } = context;
  const builds = await listKernelBuilds({
    ...{ arch: architectureOf(process.arch), cacheRoot, environment, signal },
    refresh: options.refresh,
    onProgress: event => progress.onEvent({ type: 'kernel:progress', progress: event }),
  });
  progress.clear();
  if (options.json) stdout.write(`${JSON.stringify(builds, null, 2)}\n`);
  else stdout.write(formatBuilds(builds, stdout.color));
  return EXIT.asExpected;
}

function formatBuilds(builds: readonly ListedBuild[], color: boolean): string {
  const colors = createColors(color);
  return builds
    .map(build => {
      const mark = build.cached ? colors.green('●') : ' ';
      const size = formatBytes(build.downloadBytes).padStart(6);
      const name = `linux@${build.upstream}`.padEnd(16);
      return `${mark} ${name} ${build.release.padEnd(34)} ${size}  ${colors.dim(build.suites.join(', '))}\n`;
    })
    .join('');
}

async function fetchCommand(options: KernelsOptions, context: CommandContext): Promise<number> {
  const { config } = await loadConfig(context.folder, options.config);
  const names = options.target.length > 0 ? options.target : config.targets;
  const progress = new ProgressDisplay(context.stderr);
  let failed = false;
  for (const [arch, references] of referencesByArch(names)) {
    const { cacheRoot, environment, signal } = context;
    const results = await resolveKernels(references, {
      ...{ arch, modules: GUEST_MODULES, cacheRoot, environment, signal },
      refresh: options.refresh,
      onProgress: event => progress.onEvent({ type: 'kernel:progress', progress: event }),
    });
    progress.clear();
    for (const result of results) {
      if (result.status === 'found') context.stdout.write(`${result.kernel.release}\n`);
      else if (result.error.kind === 'usage') throw result.error;
      else {
        failed = true;
        context.stderr.write(formatError(result.error, context.stderr));
      }
    }
  }
  return failed ? EXIT.infrastructure : EXIT.asExpected;
}

function referencesByArch(names: readonly string[]): Map<Architecture, KernelReference[]> {
  const host = architectureOf(process.arch);
  const guests = names
    .map(name => parseTargetName(name, host))
    .filter(target => target.kind === 'linux-vm');
  const byArch = new Map<Architecture, KernelReference[]>();
  for (const { arch, kernel } of guests) byArch.set(arch, [...(byArch.get(arch) ?? []), kernel]);
  return byArch;
}

const UNUSED_MS = 30 * 24 * 3_600_000;

/** Removes what was not used for 30 days, or all. */
async function pruneCommand({ all }: KernelsOptions, context: CommandContext): Promise<number> {
  const { cacheRoot, signal, stdout } = context;
  const unusedSince = Date.now() - UNUSED_MS;
  const { removed, freedBytes } = await pruneKernelCache({
    ...{ cacheRoot, signal },
    remove: ({ lastUsed }) => all || lastUsed.getTime() < unusedSince,
  });
  for (const { kernel } of removed) stdout.write(`removed ${kernel.release}\n`);
  const kept = await listCachedKernels(cacheRoot);
  const keptBytes = kept.reduce((sum, { bytes }) => sum + bytes, 0);
  stdout.write(
    `${formatBytes(freedBytes)} freed; ${kept.length} kernels (${formatBytes(keptBytes)}) kept\n`,
  );
  return EXIT.asExpected;
}
