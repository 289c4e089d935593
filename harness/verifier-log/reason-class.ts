import type { Platform } from '../config/platform.ts';

/** What can be wrong with a program, in words that hold for every verifier. */
export const REASON_CLASSES = [
  ...(['bounds', 'null', 'uninitialised', 'type', 'arithmetic', 'read-only', 'helper'] as const),
  ...(['loop', 'instruction', 'calls', 'division', 'return value', 'reference', 'map'] as const),
] as const;
export type ReasonClass = (typeof REASON_CLASSES)[number];

/**
 * How Linux words them (`verbose()` calls in kernel/bpf/verifier.c, check_btf.c and log.c of 5.10 to 7.3). The first that
 * fits counts.
 */
const LINUX: readonly (readonly [RegExp, readonly ReasonClass[]])[] = [
  [/_or_null\b|possibly NULL|NULL pointer|trusted_ptr_or_null/, ['null']],
  [/!read_ok|invalid (indirect )?read from stack|uninitiali[sz]ed/i, ['uninitialised']],
  [/unknown func|invalid func|cannot use helper|helper call (is not allowed|might)/, ['helper']],
  [/calling kernel function|kfunc/, ['helper']],
  [
    /infinite loop|back-edge|is too large|too complex|loop is not bounded|may_goto|unreachable insn/i,
    ['loop'],
  ],
  [/write into map forbidden|cannot write into|read-only|rdonly/i, ['read-only']],
  [
    /pointer arithmetic|math between|pointer comparison|prohibited|pointer (\S+ )?operation/i,
    ['arithmetic'],
  ],
  [
    /unknown opcode|uses reserved fields|unknown insn class|jump out of range|invalid BPF_LD/i,
    ['instruction'],
  ],
  [/frames is too deep|combined stack size|recursive call|stack size of \d+ calls/i, ['calls']],
  [/division by zero|div by zero/i, ['division']],
  [/At program exit the register|At async callback the register/, ['return value']],
  [/Unreleased reference|reference has not been|already released/i, ['reference']],
  [
    /outside of the|invalid access to|invalid (\S+ )?(write to|read from) stack|bpf_context access|min value is|max value is|unbounded/i,
    ['bounds'],
  ],
  [/misaligned|invalid zero-sized|invalid size|exceeding/i, ['bounds']],
  [/invalid mem access|type=|expected=|expects? (a )?pointer|is not a known constant/i, ['type']],
  [/doesn't support|not compatible|map.*(type|flag)/i, ['map']],
];

/**
 * How PREVAIL does, the verifier of eBPF for Windows (src/crab/ebpf_checker.cpp, src/ir/unmarshal.cpp and cfg_builder.cpp
 * of v0.2.4). It tells a register that was never written from one of another type no more than from a number.
 */
const PREVAIL: typeof LINUX = [
  [/Possible null access|null pointer/i, ['null']],
  [/Non-null number|Only pointers can be dereferenced/, ['type']],
  [/Stack content is not numeric/, ['uninitialised', 'type']],
  [/helper .*unavailable|invalid helper function id|kfunc/, ['helper']],
  [/Loop counter is too large/, ['loop']],
  [/Cannot write to context/, ['read-only', 'bounds']],
  [
    /(Lower|Upper) bound must be|Array index|Invalid size|Nonzero context offset|Argument must be/,
    ['bounds'],
  ],
  [/Only numbers can be added|Cannot subtract pointers/, ['arithmetic']],
  [/division by zero|used as divisors/, ['division']],
  [/call stack frames|recursi|tail call chain/i, ['calls']],
  [/Illegal map update|Only numbers can be stored/, ['type']],
  [/Map (key|value) size|map type|Max entries|invalid map index/, ['map']],
  [
    /bad (instruction|register)|conformance group|(nonzero|invalid) (offset|imm|dst)|unsupported immediate|jump (out of|to)|lddw|r10|fallthrough|not implemented/,
    ['instruction'],
  ],
  [
    /Invalid type|as a parameter|FDs cannot|Function pointers cannot|Pointer must be/,
    ['type', 'uninitialised', 'null'],
  ],
];

/**
 * What a verifier's words are about; several where it does not tell them apart, none for words that are not known here.
 */
export function reasonClasses(reason: string, platform: Platform): readonly ReasonClass[] {
  const words = platform === 'windows' ? PREVAIL : LINUX;
  return words.find(([pattern]) => pattern.test(reason))?.[1] ?? [];
}
