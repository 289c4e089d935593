import { CrossbpfError } from '../crossbpf-error.ts';
import type { Connection } from '../targets/connection.ts';

export interface OpenOptions {
  readonly signal: AbortSignal;
  /** Told in words of a guest that is started once more. */
  readonly onRetry: (message: string) => void;
}

/** A guest that died by itself while it started. One that takes too long would take as long again. */
const DIED: readonly string[] = ['INFRA_GUEST_PANIC', 'INFRA_GUEST_EXIT'];

/**
 * Opens a connection to a target. Under load a kernel that boots in an emulator panics once in a great while (seen with
 * 6.19.14: "Fatal exception in interrupt"), so a guest that dies while it starts is started once more.
 */
export async function openTarget(
  open: () => Promise<Connection>,
  { signal, onRetry }: OpenOptions,
): Promise<Connection> {
  try {
    return await open();
  } catch (thrown) {
    signal.throwIfAborted();
    if (!(thrown instanceof CrossbpfError) || !DIED.includes(thrown.code)) throw thrown;
    onRetry(`${thrown.message}; it was started once more`);
    return open();
  }
}
