import { availableParallelism, homedir, totalmem } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { LoadedConfig } from '../config/load-config.ts';
import { absoluteRemotes } from '../config/machine.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import type { KernelProgressListener } from '../kernels/progress.ts';
import type { RunEvent, RunListener } from '../run/events.ts';
import { FileHolds } from '../storage/file-holds.ts';
import { createTargets, type PlannedTarget } from '../targets/create-targets.ts';
import { SpareGuests } from '../targets/spare-guests.ts';
import type { CommandContext } from './context.ts';
import { LOCK_FILE } from './lock-file.ts';
import { namedTargets } from './named-targets.ts';

/** Guests that can start at once do so in a tenth of it. */
const AT_ONCE_MS = 200;

/** What targets need of the world. */
export type TargetsContext = Pick<
  CommandContext,
  'folder' | 'cacheRoot' | 'packageRoot' | 'environment' | 'signal'
>;

/** What a user says of a run's targets. */
export interface TargetsOptions {
  /** Targets as the user named them; empty: those of the configuration. */
  readonly targets: readonly string[];
  readonly jobs?: number | undefined;
  readonly accel: 'auto' | 'kvm' | 'tcg';
  /** Boot every guest, restore none. */
  readonly fresh: boolean;
}

export interface StartTargetsInput {
  readonly loaded: LoadedConfig;
  readonly options: TargetsOptions;
  readonly context: TargetsContext;
  readonly listener: RunListener;
  /** Guests that runs leave to one another; absent: this run's own. */
  readonly spares?: SpareGuests | undefined;
}

/**
 * The targets of a run, with all that they use. Where they are in the cache, the guests of the first ones start at once,
 * while the run's fixtures are still prepared. Disposing ends what runs.
 */
export class StartedTargets implements AsyncDisposable {
  /** How many connections are open at once. */
  readonly jobs: number;
  readonly #input: StartTargetsInput;
  readonly #spares: SpareGuests;
  readonly #holds = new FileHolds();
  readonly #used = new AsyncDisposableStack();
  readonly #ended = new AbortController();
  /** Undefined where anything is not in the cache. */
  readonly #early: Promise<PlannedTarget[] | undefined>;
  readonly #begun: Promise<void>[] = [];
  #planned: Promise<PlannedTarget[]> | undefined;
  #hasAdded = false;

  /** @throws CrossbpfError `USAGE_BAD_CONFIG` for guests with more memory than there is. */
  constructor(input: StartTargetsInput) {
    const { options, loaded, spares } = input;
    requireMemory(loaded);
    this.#input = input;
    this.jobs = options.jobs ?? loaded.config.jobs ?? availableParallelism();
    this.#used.use(this.#holds);
    this.#spares = spares ?? this.#used.use(new SpareGuests());
    // Guests that another run has left are quicker still, and those that boot are not wanted for nothing.
    const isWorthIt = spares === undefined && !options.fresh;
    this.#early = isWorthIt ? this.#startEarly() : Promise.resolve(undefined);
    // Whoever asks for the targets is told.
    this.#early.catch(() => {});
  }

  /** Whether anything was added to the cache. */
  get hasAdded(): boolean {
    return this.#hasAdded;
  }

  /**
   * All of them, in the order of their names. Kernels that are not in the cache are fetched.
   *
   * @throws CrossbpfError (usage) for a name that cannot be read, or that names no kernel and no machine.
   */
  planned(): Promise<readonly PlannedTarget[]> {
    this.#planned ??= this.#early.then(
      early =>
        early ??
        this.#plan({ onProgress: progress => this.#tell({ type: 'kernel:progress', progress }) }),
    );
    return this.#planned;
  }

  /**
   * Waits until the first guests run, if that takes no longer than it does where all is in the cache. What this thread
   * does before delays them.
   */
  async underWay(): Promise<void> {
    const begun = this.#early.then(() => Promise.all(this.#begun)).catch(() => {});
    await Promise.race([begun, setTimeout(AT_ONCE_MS, undefined, { ref: false })]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await Promise.allSettled([this.#early, this.#planned]);
    await this.#used.disposeAsync();
  }

  /** The first sign that something is to be fetched ends it: a fixture that does not compile must not wait for that. */
  async #startEarly(): Promise<PlannedTarget[] | undefined> {
    const missing = new AbortController();
    let planned: PlannedTarget[];
    try {
      const onProgress = () => missing.abort();
      planned = await this.#plan({ onProgress, signal: missing.signal });
    } catch (thrown) {
      if (missing.signal.aborted) return undefined;
      throw thrown;
    }
    const signal = AbortSignal.any([this.#input.context.signal, this.#ended.signal]);
    const first = planned.filter(each => each.kind === 'ready').slice(0, this.jobs);
    for (const { target } of first) {
      const beginning = this.#used.use(target.begin?.(signal));
      if (beginning !== undefined) this.#begun.push(beginning.underWay);
    }
    return planned;
  }

  #plan({ onProgress, signal = this.#ended.signal }: Planning): Promise<PlannedTarget[]> {
    const { options, loaded, context } = this.#input;
    const { cacheRoot, packageRoot, environment } = context;
    return createTargets(namedTargets(options.targets, loaded), {
      ...{ accel: options.accel, fresh: options.fresh, memoryMiB: loaded.config.memory },
      folder: options.targets.length > 0 ? context.folder : loaded.root,
      remotes: absoluteRemotes(loaded.config.remotes, loaded.root, homedir()),
      lockFile: path.join(loaded.root, LOCK_FILE),
      ...{ cacheRoot, packageRoot, environment, onProgress, spares: this.#spares },
      signal: AbortSignal.any([context.signal, this.#ended.signal, signal]),
      hold: file => this.#holds.hold(file),
      onNotice: (target, message) => this.#tell({ type: 'target:notice', target, message }),
      onSnapshot: (target, event) => this.#tell({ type: 'target:snapshot', target, event }),
    });
  }

  #tell(event: RunEvent): void {
    this.#hasAdded ||= addsToCache(event);
    this.#input.listener(event);
  }
}

interface Planning {
  readonly onProgress: KernelProgressListener;
  readonly signal?: AbortSignal;
}

function addsToCache(event: RunEvent): boolean {
  if (event.type === 'target:snapshot') return event.event.type === 'snapshot:saving';
  return event.type === 'kernel:progress' && event.progress.type === 'kernel:ready';
}

/** A guest with more memory than there is would start for minutes, and never end that. */
function requireMemory({ config, file }: LoadedConfig): void {
  const has = Math.floor(totalmem() / 1024 / 1024);
  if (config.memory <= has) return;
  throw new CrossbpfError({
    code: 'USAGE_BAD_CONFIG',
    message: `memory: ${config.memory} MiB for each guest is more than this machine has (${has} MiB)`,
    ...(file === undefined ? {} : { file }),
  });
}
