import { CrossbpfError } from '../crossbpf-error.ts';
import type { GuestExit } from './guest.ts';
import type { GuestProcess } from './guest-process.ts';

/** How many console lines go with an error. */
const CONSOLE_LINES = 40;

/** What is thrown for a guest that has ended. */
export function guestEnded(exit: GuestExit, guest: GuestProcess): CrossbpfError {
  const console = guest.console.tail(CONSOLE_LINES);
  if (exit.reason === 'panic') {
    return new CrossbpfError({
      code: 'INFRA_GUEST_PANIC',
      message: `the guest's kernel panicked: ${exit.detail}`,
      hint: 'The console shows what led to it.',
      console,
    });
  }
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
    console: guest.console.tail(CONSOLE_LINES),
  });
}

function lastLine(guest: GuestProcess): string {
  const line = guest.console.tail(1)[0];
  return line === undefined ? ' (nothing on its console)' : ` (last line: "${line}")`;
}
