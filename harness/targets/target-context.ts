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
  readonly onProgress: KernelProgressListener;
  readonly signal: AbortSignal;
}
