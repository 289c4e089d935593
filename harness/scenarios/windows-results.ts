/** ebpf_result_t by number: include/ebpf_result.h of eBPF for Windows 1.5.0. Helpers answer with one of them, negated. */
const NAMES = `
SUCCESS VERIFICATION_FAILED JIT_COMPILATION_FAILED PROGRAM_LOAD_FAILED INVALID_FD INVALID_OBJECT INVALID_ARGUMENT
OBJECT_NOT_FOUND OBJECT_ALREADY_EXISTS FILE_NOT_FOUND ALREADY_PINNED NOT_PINNED NO_MEMORY PROGRAM_TOO_LARGE RPC_EXCEPTION
ALREADY_INITIALIZED ELF_PARSING_FAILED FAILED OPERATION_NOT_SUPPORTED KEY_NOT_FOUND ACCESS_DENIED BLOCKED_BY_POLICY
ARITHMETIC_OVERFLOW EXTENSION_FAILED_TO_LOAD INSUFFICIENT_BUFFER NO_MORE_KEYS KEY_ALREADY_EXISTS NO_MORE_TAIL_CALLS
PENDING OUT_OF_SPACE CANCELED INVALID_POINTER TIMEOUT STALE_ID INVALID_STATE`
  .trim()
  .split(/\s+/)
  .map(name => `EBPF_${name}`);

/** The name of an error by its number, `EBPF_KEY_NOT_FOUND` of 19; undefined for a number that is none. */
export function resultName(number: number): string | undefined {
  return number > 0 ? NAMES[number] : undefined;
}

/** The number of an error by its name; undefined for what is no name of one. */
export function resultNumber(name: string): number | undefined {
  const at = NAMES.indexOf(name);
  return at > 0 ? at : undefined;
}
