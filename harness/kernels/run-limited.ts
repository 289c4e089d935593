/** Runs at most `limit` of the tasks that it is given at a time; the others wait for their turn. */
export type RunLimited = <T>(task: () => Promise<T>) => Promise<T>;

export function runLimited(limit: number): RunLimited {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async task => {
    if (running >= limit) {
      await new Promise<void>(resolve => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) {
        running -= 1;
      } else {
        next();
      }
    }
  };
}
