import { CrossbpfError } from '../../crossbpf-error.ts';

interface KnownFailure {
  readonly pattern: RegExp;
  readonly code: string;
  /** `command` connects by hand. */
  readonly hint: (command: string) => string;
}

/** What OpenSSH's client says, in the order in which it is looked for. */
const KNOWN: readonly KnownFailure[] = [
  {
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    code: 'INFRA_SSH_HOST_KEY',
    hint: command =>
      `Another machine answers, or it was set up anew: if that is so, remove its old key with ssh-keygen -R, then run ${command} once.`,
  },
  {
    pattern: /Host key verification failed|No .* host key is known/,
    code: 'INFRA_SSH_HOST_KEY',
    hint: command => `Run ${command} once, to check the machine's key and accept it.`,
  },
  {
    pattern: /Permission denied|Too many authentication failures|no mutual signature/,
    code: 'INFRA_SSH_DENIED',
    hint: command =>
      `crossbpf asks for no password: ${command} -o BatchMode=yes must work, with a key that the machine accepts.`,
  },
  {
    pattern: /[Bb]ad configuration option|Can't open user config file|: line \d+: /,
    code: 'USAGE_SSH_CONFIG',
    hint: command => `See what ${command} -G says.`,
  },
  {
    pattern:
      /Could not resolve hostname|Connection refused|timed out|No route to host|unreachable|Connection reset|Connection closed|kex_exchange/,
    code: 'INFRA_SSH_UNREACHABLE',
    hint: command => `Is the machine on, and does ${command} reach it?`,
  },
];

/** Why `ssh` could not connect, from what it wrote to standard error; `command` connects by hand. */
export function connectFailure(
  stderr: string,
  { host, command }: { readonly host: string; readonly command: string },
): CrossbpfError {
  const known = KNOWN.find(({ pattern }) => pattern.test(stderr));
  const said = stderr.trim().split(/\r?\n/).at(-1) ?? '';
  return new CrossbpfError({
    code: known?.code ?? 'INFRA_SSH',
    message: `ssh cannot connect to ${host}${said === '' ? '' : `: ${said.replace(/\.$/, '')}`}`,
    hint: known?.hint(command) ?? `See what ${command} -v says.`,
    output: known === undefined ? stderr : '',
  });
}

export function noSsh(cause: unknown): CrossbpfError {
  return new CrossbpfError({
    ...{ code: 'INFRA_NO_SSH', message: 'ssh is not installed', cause },
    hint: 'Install OpenSSH’s client, with `apt-get install openssh-client` on Debian and Ubuntu.',
  });
}

/** A connection that was there, and is no more. */
export function connectionLost(host: string, said: string): CrossbpfError {
  return new CrossbpfError({
    code: 'INFRA_SSH_LOST',
    message: `the ssh connection to ${host} was lost${said === '' ? '' : `: ${said}`}`,
  });
}
