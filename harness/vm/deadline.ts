export interface DeadlineOptions {
  readonly ms: number;
  readonly signal?: AbortSignal | undefined;
  /** What is thrown when the time is over. */
  readonly error: () => Error;
}

/**
 * Waits for a promise, but not longer than the deadline, and not once the signal is aborted: then it
 * rejects with the signal's reason. The promise itself goes on; ending it is up to the caller.
 */
export async function withDeadline<T>(
  promise: Promise<T>,
  { ms, signal, error }: DeadlineOptions,
): Promise<T> {
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal?.reason);
  const timer = setTimeout(() => reject(error()), ms);
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  try {
    return await Promise.race([promise, interrupted]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
