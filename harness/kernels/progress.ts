/** Everything that can happen while kernels are looked up and fetched. Sizes are in bytes. */
export type KernelProgress =
  /** The list of a suite is being fetched from the archive. */
  | { readonly type: 'archive:updating'; readonly suite: string }
  | { readonly type: 'archive:updated'; readonly suite: string; readonly builds: number }
  /** The mirror does not have that suite; the others are used. */
  | { readonly type: 'archive:absent'; readonly suite: string }
  /** That suite's list cannot be had at all; a newer build may be in it. */
  | { readonly type: 'archive:unavailable'; readonly suite: string; readonly reason: string }
  /** The archive cannot be reached; its list as it was `ageMs` ago is used. */
  | {
      readonly type: 'archive:stale';
      readonly suite: string;
      readonly ageMs: number;
      readonly reason: string;
    }
  | {
      readonly type: 'kernel:downloading';
      readonly release: string;
      readonly doneBytes: number;
      readonly totalBytes: number;
    }
  | { readonly type: 'kernel:extracting'; readonly release: string }
  /** Files of an entry of the cache are not as they were written; it is fetched again. */
  | { readonly type: 'kernel:damaged'; readonly name: string }
  /** It was not in the cache before and is there now. */
  | { readonly type: 'kernel:ready'; readonly release: string }
  /** Another process has the lock that is needed to go on. */
  | { readonly type: 'lock:waiting'; readonly holder: string };

export type KernelProgressListener = (progress: KernelProgress) => void;
