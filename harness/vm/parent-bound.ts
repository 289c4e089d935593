/** A program and its arguments. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** A file that a command finds open, at descriptor 6, when it starts. */
export interface OpenedFile {
  readonly path: string;
  readonly mode: 'read' | 'write';
}

/** The descriptor of the opened file: after the standard ones and three sockets. */
export const FILE_DESCRIPTOR = 6;

/**
 * A command that the kernel kills as soon as this process is gone, even by SIGKILL: `setpriv` of
 * util-linux asks for that signal (PR_SET_PDEATHSIG, which exec keeps). A parent that died before it
 * was asked for would not be noticed, so the shell, started after that, looks whether it is still ours.
 *
 * The signal is bound to the *thread* that spawns. It must be one that lives as long as the command.
 */
export function parentBound(
  { file, args }: Command,
  opened?: OpenedFile,
  parent = process.pid,
): Command {
  const script = `[ "$PPID" = "$1" ] || exit 1; ${redirection(opened)}shift 2; exec "$@"`;
  const shell = ['sh', '-c', script, 'sh', String(parent), opened?.path ?? '', file, ...args];
  return { file: 'setpriv', args: ['--pdeathsig', 'KILL', ...shell] };
}

function redirection(opened: OpenedFile | undefined): string {
  if (opened === undefined) return '';
  return `exec ${FILE_DESCRIPTOR}${opened.mode === 'read' ? '<' : '>'}"$2"; `;
}
