import { EXIT } from './exit-code.ts';

/** npm passes on the Ctrl-C that the terminal has sent to us already: within this time it is the same one. */
const SAME_MS = 1000;

/**
 * A signal that is aborted by Ctrl-C, by SIGTERM or by a terminal that is closed. The command then
 * cleans up and ends by itself; another Ctrl-C ends it where it is.
 */
export function interruptionSignal(now: () => number = () => performance.now()): AbortSignal {
  const controller = new AbortController();
  let first: number | undefined;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (first === undefined) {
        first = now();
        controller.abort(new Error(`ended by ${name}`));
      } else if (now() - first > SAME_MS) process.exit(EXIT.interrupted);
    });
  }
  return controller.signal;
}
