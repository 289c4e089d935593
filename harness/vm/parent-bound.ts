/** A program and its arguments. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Further words for `setpriv`, which starts the command. */
  readonly privileges?: readonly string[];
}

/**
 * A command that the kernel kills as soon as this process is gone, even by SIGKILL: `setpriv` of
 * util-linux asks for that signal (PR_SET_PDEATHSIG, which exec keeps) after it has changed the user, which would
 * reset it. A parent that died before it was asked for would not be noticed, so the shell, started after that, looks
 * whether it is still ours.
 *
 * The signal is bound to the *thread* that spawns. It must be one that lives as long as the command.
 */
export function parentBound(
  { file, args, privileges = [] }: Command,
  parent = process.pid,
): { readonly file: string; readonly args: readonly string[] } {
  const script = '[ "$PPID" = "$1" ] || exit 1; shift; exec "$@"';
  const shell = ['/bin/sh', '-c', script, 'sh', String(parent), file, ...args];
  return { file: 'setpriv', args: [...privileges, '--pdeathsig', 'KILL', ...shell] };
}
