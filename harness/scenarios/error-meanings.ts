import type { Platform } from '../config/platform.ts';

/**
 * Errors that mean the same on Linux and on Windows, of which each has its own. Those of eBPF for Windows are what its
 * own ebpf_result_to_errno makes of them (libs/api_common/api_common.hpp), but for two: a key that is there already,
 * and no room, which that makes EOTHER and ENOSPC.
 */
const MEANINGS: readonly (readonly [meaning: string, names: string])[] = [
  [
    'not found',
    'ENOENT ESRCH EBPF_KEY_NOT_FOUND EBPF_OBJECT_NOT_FOUND EBPF_FILE_NOT_FOUND EBPF_NO_MORE_KEYS',
  ],
  ['exists', 'EEXIST EBPF_KEY_ALREADY_EXISTS EBPF_OBJECT_ALREADY_EXISTS'],
  ['no room', 'E2BIG ENOSPC ENOBUFS EBPF_OUT_OF_SPACE EBPF_INSUFFICIENT_BUFFER'],
  ['no memory', 'ENOMEM EBPF_NO_MEMORY'],
  ['invalid', 'EINVAL EBPF_INVALID_ARGUMENT EBPF_INVALID_OBJECT EBPF_EXTENSION_FAILED_TO_LOAD'],
  ['not supported', 'ENOTSUPP EOPNOTSUPP ENOTSUP ENOSYS EBPF_OPERATION_NOT_SUPPORTED'],
  [
    'not permitted',
    'EPERM EACCES EBPF_ACCESS_DENIED EBPF_BLOCKED_BY_POLICY EBPF_VERIFICATION_FAILED',
  ],
  ['bad pointer', 'EFAULT EBPF_INVALID_POINTER'],
  ['bad descriptor', 'EBADF EBPF_INVALID_FD'],
  ['timeout', 'ETIMEDOUT EBPF_TIMEOUT'],
  ['cancelled', 'ECANCELED EBPF_CANCELED'],
];

const BY_NAME = new Map(
  MEANINGS.flatMap(([meaning, names]) => names.split(' ').map(name => [name, meaning] as const)),
);

/** What an error means on any platform; undefined where only its name says it. */
export function errorMeaning(name: string): string | undefined {
  return BY_NAME.get(name);
}

/**
 * The names under which an error of a platform may be expected: its own, and those of the other platform that mean the
 * same. On Windows system calls have errors by names of Linux, so that there all count that mean the same.
 */
export function errorsLike(name: string, platform: Platform): string[] {
  const meaning = BY_NAME.get(name);
  const alike = [...BY_NAME].filter(([, each]) => each === meaning).map(([each]) => each);
  const others = alike.filter(each => platform === 'windows' || each.startsWith('EBPF_'));
  return meaning === undefined ? [name] : [...new Set([name, ...others])];
}
