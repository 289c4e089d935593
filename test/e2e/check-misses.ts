const BOUNDS = 'verifier logic: the bounds of numbers and what they are checked against';
const TYPES = 'verifier logic: what a register holds where paths meet or after a call';
const PATHS = 'verifier logic: paths that are followed to their end';

/**
 * Programs that kernels reject and `crossbpf check` does not foresee, by the start of `fixture program`, each with why. All
 * are what a verifier concludes from following a program; none is a fact that a table lacks, but for those that say so.
 */
export const MISSES: Readonly<Record<string, string>> = {
  'arithmetic-bounds modulo': BOUNDS,
  'arithmetic-bounds negated': BOUNDS,
  'arithmetic-bounds not_the_last': BOUNDS,
  'linked-registers one_more': BOUNDS,
  'spilled-bounds kept_on_stack': BOUNDS,
  'packet-bounds unchecked': BOUNDS,
  'lazy-global-function guarded': BOUNDS,
  'debian-ksnoop': BOUNDS,
  'bloom-filter-members ask_from_stack': 'verifier logic: which bytes of the stack were written',
  'uninitialised-stack untouched_key': 'verifier logic: which bytes of the stack were written',
  'constant-key-lookup beyond_the_end':
    'verifier logic: that an array has a value for a constant key',
  'constant-key-lookup first_slot': 'verifier logic: that an array has a value for a constant key',
  'constant-written-by-helper parse_into_constant':
    'verifier logic: a helper’s argument that it writes to',
  'tail-call packet_after_tail_call': TYPES,
  'packet-after-global-function stale_pointer': TYPES,
  'nullable-tracepoint-argument unchecked': TYPES,
  'global-function by_valid_pointer': TYPES,
  'global-function by_pointer': 'verifier logic: which arguments a global function may have',
  'global-functions call_with_pointer':
    'verifier logic: which arguments a global function may have',
  'void-global-function without_result': 'verifier logic: what a global function may return',
  'lsm impossible_answer': 'verifier logic: what a hook may answer, which differs by hook',
  'ring-buffer leaked': PATHS,
  'dynptr-ring-buffer unreleased': PATHS,
  'long-loop plain_loop': PATHS,
  'infinite-loop wait_for_flag': PATHS,
  'branchless-select sum_of_random_rounds': PATHS,
  'function-under-lock count_packet': 'verifier logic: what may be called under a lock',
  'timer arm_in_kprobe': 'verifier logic: which programs may use a map that holds a timer',
  'hash-in-perf-event allocated_on_demand':
    'verifier logic: how a map of such a program is allocated',
  'fexit-noreturn never_comes':
    'a list within the kernel of functions that never return, which nothing outside of it shows',
};
