/** A program and its arguments. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Path of a file that it finds open for reading at FILE_DESCRIPTOR. */
  readonly opened?: string | undefined;
}

/** Where a command finds the file that is opened for it: after the standard streams, three sockets and two files. */
export const FILE_DESCRIPTOR = 8;

/**
 * A command that the kernel kills as soon as this process is gone, even by SIGKILL: `setpriv` of
 * util-linux asks for that signal (PR_SET_PDEATHSIG, which exec keeps). A parent that died before it
 * was asked for would not be noticed, so the shell, started after that, looks whether it is still ours.
 *
 * The signal is bound to the *thread* that spawns. It must be one that lives as long as the command.
 */
export function parentBound({ file, args, opened }: Command, parent = process.pid): Command {
  const open = opened === undefined ? '' : `exec ${FILE_DESCRIPTOR}<"$2"; `;
  const script = `[ "$PPID" = "$1" ] || exit 1; ${open}shift 2; exec "$@"`;
  const shell = ['/bin/sh', '-c', script, 'sh', String(parent), opened ?? '', file, ...args];
  return { file: 'setpriv', args: ['--pdeathsig', 'KILL', ...shell] };
}
