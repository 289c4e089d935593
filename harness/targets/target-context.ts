import type { KernelProgressListener } from '../kernels/progress.ts';
import type { SnapshotEvent } from '../vm/warm-guest.ts';

/** What targets are made with. */
export interface TargetContext {
  /** The folder that kernel files are relative to. */
  readonly folder: string;
  readonly cacheRoot: string;
  readonly packageRoot: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly memoryMiB: number;
  readonly accel: 'auto' | 'kvm' | 'tcg';
  /** Where kernel names are pinned; absent without a configuration. */
  readonly lockFile?: string | undefined;
  /** Boot every guest, restore none. */
  readonly fresh: boolean;
  readonly onSnapshot: (target: string, event: SnapshotEvent) => void;
  /** Called with each file of the cache that the run goes on needing; absent: nothing is held. */
  readonly hold?: ((path: string) => void) | undefined;
  readonly onProgress: KernelProgressListener;
  readonly signal: AbortSignal;
}
