import { setTimeout } from 'node:timers/promises';
import { asError, CrossbpfError } from '../crossbpf-error.ts';
import { systemFailure } from '../system-failure.ts';
import type { GuestExit } from './guest.ts';
import type { GuestProcess } from './guest-process.ts';

/** How many console lines go with an error. */
const CONSOLE_LINES = 40;

/** What is thrown for a guest that has ended. */
export function guestEnded(exit: GuestExit, guest: GuestProcess): CrossbpfError {
  const console = guest.consoleTail(CONSOLE_LINES);
  if (exit.reason === 'panic') {
    return new CrossbpfError({
      code: 'INFRA_GUEST_PANIC',
      message: `the guest's kernel panicked: ${exit.detail}`,
      hint: /deadlocked on memory|Out of memory/.test(exit.detail)
        ? 'Give guests more memory: memory in the configuration, in MiB.'
        : 'The console shows what led to it.',
      console,
    });
  }
  const trouble = systemFailure(exit.cause);
  if (trouble !== undefined) return trouble;
  return new CrossbpfError({
    code: 'INFRA_GUEST_EXIT',
    message: `the guest ended: ${exit.detail}${lastLine(guest)}`,
    hint: 'Run `crossbpf doctor` to see whether QEMU works here.',
    console,
    ...(guest.stderr === '' ? {} : { output: guest.stderr }),
  });
}

/** What is thrown for a guest that did not do something in time: `what` completes `the guest did not …`. */
export function guestTimeout(what: string, ms: number, guest: GuestProcess): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_GUEST_TIMEOUT',
    message: `the guest did not ${what} in ${Math.round(ms / 100) / 10} s${lastLine(guest)}`,
    hint: 'Give it more with --timeout, or run `crossbpf doctor`.',
    console: guest.consoleTail(CONSOLE_LINES),
  });
}

/** A guest that dies breaks its connections first; this is how long its end may take to be seen. */
const END_MS = 500;

/**
 * The error to throw for one that came up while a guest started: a connection that broke because the
 * guest ended says less than the end itself.
 */
export async function explainFailure(thrown: unknown, guest: GuestProcess): Promise<Error> {
  const error = asError(thrown);
  const isOwn = error instanceof CrossbpfError && error.code.startsWith('INFRA_GUEST_');
  if (isOwn || error.name === 'AbortError') return error;
  const exit = await Promise.race([guest.exited, setTimeout(END_MS, undefined, { ref: false })]);
  if (exit !== undefined) return guestEnded(exit, guest);
  if (error instanceof CrossbpfError) return withOutput(error, guest.stderr);
  return new CrossbpfError({
    code: 'INFRA_QEMU',
    message: error.message,
    hint: 'Run `crossbpf doctor` to see whether QEMU works here.',
    console: guest.consoleTail(CONSOLE_LINES),
    cause: error,
  });
}

/** What QEMU and its helpers printed may be the cause: `cat: write error: No space left on device`. */
function withOutput(error: CrossbpfError, output: string): CrossbpfError {
  if (output === '' || error.facts.output !== undefined) return error;
  return error.with({ output });
}

function lastLine(guest: GuestProcess): string {
  const line = guest.consoleTail(1)[0];
  return line === undefined ? ' (nothing on its console)' : ` (last line: "${line}")`;
}
