import { CrossbpfError } from './crossbpf-error.ts';

interface Explanation {
  readonly message: string;
  readonly hint: string;
}

const FULL: Explanation = {
  message: 'no space left on the disk',
  hint: 'Free some with crossbpf kernels prune, or set CROSSBPF_CACHE to a folder on another disk.',
};
const FORBIDDEN: Explanation = {
  message: 'this user may not do that',
  hint: 'Change the permissions; CROSSBPF_CACHE names another folder for the cache.',
};
const NO_FOLDER: Explanation = {
  message: 'a file is where a folder should be',
  hint: 'Move it away; CROSSBPF_CACHE names another folder for the cache.',
};
const TOO_MANY_FILES: Explanation = {
  message: 'too many files are open',
  hint: 'Raise the limit (ulimit -n), or use fewer --jobs.',
};

const TOO_MANY_PROCESSES: Explanation = {
  message: 'no further process can be started',
  hint: 'Raise the limit (ulimit -u), or use fewer --jobs.',
};
const NO_MEMORY: Explanation = {
  message: 'the machine has no memory left',
  hint: 'End other programs, or use fewer --jobs.',
};

/** What the system refuses for reasons that lie in the machine, not in us. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  EROFS: { ...FORBIDDEN, message: 'the file system is read-only' },
  EEXIST: NO_FOLDER,
  ENOTDIR: NO_FOLDER,
  EMFILE: TOO_MANY_FILES,
  ENFILE: TOO_MANY_FILES,
  EAGAIN: TOO_MANY_PROCESSES,
  ENOMEM: NO_MEMORY,
};

/** An error of the system that the user can do something about, in words; undefined for any other. */
export function systemFailure(thrown: unknown): CrossbpfError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { code = '', path, syscall } = thrown as NodeJS.ErrnoException;
  const explanation = EXPLANATIONS[code];
  if (explanation === undefined) return systemFailure(thrown.cause);
  const { message, hint } = explanation;
  return new CrossbpfError({
    code: `INFRA_SYSTEM_${code}`,
    message: syscall === undefined ? message : `${message} (${syscall}: ${code})`,
    hint,
    cause: thrown,
    ...(path === undefined ? {} : { file: path }),
  });
}
