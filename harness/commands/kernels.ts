import path from 'node:path';
import { cacheLimit } from '../cache/cache-limit.ts';
import { surveyCache } from '../cache/survey.ts';
import { tidyCache } from '../cache/tidy-cache.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Remotes } from '../config/machine.ts';
import { nearest } from '../config/nearest.ts';
import { architectureOf, parseTargetName } from '../config/target-name.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import type { Architecture, KernelReference } from '../kernels/kernel.ts';
import {
  type LockedKernel,
  lockKey,
  readKernelLock,
  writeKernelLock,
} from '../kernels/kernel-lock.ts';
import { listKernelBuilds } from '../kernels/list-builds.ts';
import { resolveKernels } from '../kernels/resolve-kernels.ts';
import { ProgressDisplay } from '../report/progress.ts';
import { jsonText } from '../report/sinks/json.ts';
import { showable } from '../report/sinks/showable.ts';
import { FileHolds } from '../storage/file-holds.ts';
import { GUEST_MODULES } from '../targets/linux-vm.ts';
import type { CommandContext } from './context.ts';
import { EXIT } from './exit-code.ts';
import { formatError } from './failure.ts';
import { formatCache, formatKernels, formatTidied, kernelRows } from './kernel-table.ts';
import { LOCK_FILE } from './lock-file.ts';

export interface KernelsOptions {
  readonly target: readonly string[];
  readonly config?: string;
  readonly refresh: boolean;
  readonly json: boolean;
  readonly all: boolean;
}

/** What each action takes of the options. */
const ACTIONS: Readonly<Record<string, readonly (keyof KernelsOptions)[]>> = {
  list: ['refresh', 'json'],
  fetch: ['target', 'config', 'refresh'],
  lock: ['target', 'config', 'refresh'],
  prune: ['all'],
};

/** `crossbpf kernels [list|fetch|lock|prune]`. */
export async function kernelsCommand(
  action: string,
  options: KernelsOptions,
  context: CommandContext,
): Promise<number> {
  requireOptionsOf(action, options);
  switch (action) {
    case 'list':
      return listCommand(options, context);
    case 'fetch':
      return (await fetchKernels(options, context)).exitCode;
    case 'lock':
      return lockCommand(options, context);
    case 'prune':
      return pruneCommand(options, context);
    default:
      throw new CrossbpfError({
        code: 'USAGE_UNKNOWN_ACTION',
        message: `kernels cannot ${action}`,
        hint: `${didYouMean(action)}It can list, fetch, lock and prune.`,
      });
  }
}

/** Who prunes with `-t` does not mean to remove all the others too. */
function requireOptionsOf(action: string, options: KernelsOptions): void {
  const taken = ACTIONS[action];
  if (taken === undefined) return;
  const given = (Object.keys(options) as (keyof KernelsOptions)[]).filter(name => {
    const value = options[name];
    return typeof value === 'object' ? value.length > 0 : value !== undefined && value !== false;
  });
  const wrong = given.find(name => !taken.includes(name));
  if (wrong === undefined) return;
  throw new CrossbpfError({
    code: 'USAGE_COMMAND_LINE',
    message: `kernels ${action} takes no --${wrong}`,
    hint: `It takes ${taken.map(name => `--${name}`).join(', ')}.`,
  });
}

function didYouMean(action: string): string {
  const close = nearest(action, Object.keys(ACTIONS));
  return close === undefined ? '' : `Did you mean ${close}? `;
}

async function listCommand(options: KernelsOptions, context: CommandContext): Promise<number> {
  const progress = new ProgressDisplay(context.stderr);
  const { cacheRoot, environment, signal, stdout } = context;
  const limit = cacheLimit(environment);
  const builds = await listKernelBuilds({
    ...{ arch: architectureOf(process.arch), cacheRoot, environment, signal },
    refresh: options.refresh,
    onProgress: event => progress.onEvent({ type: 'kernel:progress', progress: event }),
  });
  progress.clear();
  const survey = await surveyCache(cacheRoot);
  const rows = kernelRows(builds, survey.entries);
  if (options.json) stdout.write(jsonText(rows));
  else {
    stdout.write(formatKernels(showable(rows), stdout.color));
    stdout.write(formatCache(survey, { limit, cacheRoot }));
  }
  return EXIT.asExpected;
}

/** Pins the names of targets to the builds that they mean now; names that are pinned already move on. */
async function lockCommand(options: KernelsOptions, context: CommandContext): Promise<number> {
  const { exitCode, locked, root } = await fetchKernels(options, context);
  if (exitCode !== EXIT.asExpected) return exitCode;
  const file = path.join(root, LOCK_FILE);
  const before = (await readKernelLock(file))?.kernels ?? {};
  await writeKernelLock(file, {
    schema: 'crossbpf/lock@1',
    kernels: { ...before, ...Object.fromEntries(locked) },
  });
  context.stdout.write(`${path.relative(context.folder, file) || file} pins them\n`);
  return exitCode;
}

interface Fetched {
  readonly exitCode: number;
  readonly locked: ReadonlyMap<string, LockedKernel>;
  /** The folder of the configuration. */
  readonly root: string;
}

async function fetchKernels(options: KernelsOptions, context: CommandContext): Promise<Fetched> {
  const { config, root } = await loadConfig(context.folder, options.config);
  const locked = new Map<string, LockedKernel>();
  const names = options.target.length > 0 ? options.target : config.targets;
  const progress = new ProgressDisplay(context.stderr);
  const limit = cacheLimit(context.environment);
  let failed = false;
  let hasAdded = false;
  for (const [arch, references] of referencesByArch(names, config.remotes)) {
    const { cacheRoot, environment, signal } = context;
    using holds = new FileHolds();
    const results = await resolveKernels(references, {
      hold: path => holds.hold(path),
      ...{ arch, modules: GUEST_MODULES, cacheRoot, environment, signal },
      refresh: options.refresh,
      onProgress: event => {
        hasAdded ||= event.type === 'kernel:ready';
        progress.onEvent({ type: 'kernel:progress', progress: event });
      },
    });
    progress.clear();
    for (const result of results) {
      if (result.status === 'found') {
        context.stdout.write(`${result.kernel.release}\n`);
        const { locked: build, reference } = result;
        if (build !== undefined && reference.kind !== 'file') {
          locked.set(lockKey(reference, arch), build);
        }
      } else if (result.error.kind === 'usage') throw result.error;
      else {
        failed = true;
        context.stderr.write(formatError(result.error, context.stderr));
      }
    }
  }
  if (hasAdded) await tidyCache({ cacheRoot: context.cacheRoot, limit, signal: context.signal });
  return { exitCode: failed ? EXIT.infrastructure : EXIT.asExpected, locked, root };
}

function referencesByArch(
  names: readonly string[],
  remotes: Remotes,
): Map<Architecture, KernelReference[]> {
  const host = architectureOf(process.arch);
  const guests = names
    .map(name => parseTargetName(name, host, remotes))
    .filter(target => target.kind === 'linux-vm');
  const byArch = new Map<Architecture, KernelReference[]>();
  for (const { arch, kernel } of guests) byArch.set(arch, [...(byArch.get(arch) ?? []), kernel]);
  return byArch;
}

/** Removes what was not used for 30 days and what is too much, or all; never what is in use. */
async function pruneCommand({ all }: KernelsOptions, context: CommandContext): Promise<number> {
  const { cacheRoot, environment, signal, stdout } = context;
  const limit = cacheLimit(environment);
  const result = await tidyCache({ cacheRoot, limit, all, signal });
  stdout.write(formatTidied(result));
  stdout.write(formatCache(await surveyCache(cacheRoot), { limit, cacheRoot }));
  return EXIT.asExpected;
}
