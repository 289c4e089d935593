import type { Remotes } from '../config/machine.ts';
import type { KernelProgressListener } from '../kernels/progress.ts';
import type { SnapshotEvent } from '../vm/warm-guest.ts';
import type { SpareGuests } from './spare-guests.ts';

/** What targets are made with. */
export interface TargetContext {
  /** The folder that kernel files and machines' folders are relative to. */
  readonly folder: string;
  /** Machines that have a name of their own. */
  readonly remotes?: Remotes | undefined;
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
  /** Called with what a user may want to know before a target is ready. */
  readonly onNotice?: (target: string, message: string) => void;
  /** Where guests wait to be used again; absent: each ends with its connection. */
  readonly spares?: SpareGuests | undefined;
  /** Called with each file of the cache that the run goes on needing; absent: nothing is held. */
  readonly hold?: ((path: string) => void) | undefined;
  readonly onProgress: KernelProgressListener;
  readonly signal: AbortSignal;
}
