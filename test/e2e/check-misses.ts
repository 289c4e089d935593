const BOUNDS = 'verifier logic: the bounds of numbers and what they are checked against';
const TYPES = 'verifier logic: what a register holds where paths meet or after a call';
const PATHS = 'verifier logic: paths that are followed to their end';
const BYTES = 'verifier logic: which bytes of the stack were written';

/**
 * Programs that kernels reject and `crossbpf check` does not foresee, by the start of `fixture program`, each with why. All
 * are what a verifier concludes from following a program; none is a fact that the table or the kernel's types lack.
 */
export const MISSES: Readonly<Record<string, string>> = {
  'arithmetic-bounds modulo': BOUNDS,
  'arithmetic-bounds negated': BOUNDS,
  'arithmetic-bounds not_the_last': BOUNDS,
  'linked-registers one_more': BOUNDS,
  'spilled-bounds kept_on_stack': BOUNDS,
  'function-addresses beyond_value': BOUNDS,
  'packet-bounds unchecked': BOUNDS,
  'lazy-global-function guarded':
    'verifier logic: bounds, in a function that kernels before 6.8 verify though nothing reaches it',
  'debian-ksnoop': BOUNDS,
  'bloom-filter-members ask_from_stack': BYTES,
  'uninitialised-stack untouched_key': BYTES,
  'constant-key-lookup beyond_the_end':
    'verifier logic: which constant is in a key on the stack, since 6.14',
  'constant-written-by-helper parse_into_constant':
    'verifier logic: where the pointer points that a helper writes to',
  'tail-call packet_after_tail_call': TYPES,
  'packet-after-global-function stale_pointer': TYPES,
  'nullable-tracepoint-argument unchecked': TYPES,
  'global-function by_valid_pointer': TYPES,
  'exception-callback bad_callback': TYPES,
  'ring-buffer leaked': PATHS,
  'dynptr-ring-buffer unreleased': PATHS,
  'long-loop plain_loop': PATHS,
  'infinite-loop wait_for_flag': PATHS,
  'branchless-select sum_of_random_rounds': PATHS,
  'function-under-lock count_packet': 'verifier logic: which calls lie between lock and unlock',
};

/** The same of the programs in `incidents`. */
export const INCIDENT_MISSES: Readonly<Record<string, string>> = {
  'hook-result-computed computed': 'verifier logic: the range of a result that is computed',
  'checked-argument unchecked': 'verifier logic: which arguments of a tracepoint may be NULL',
  'result-from-pointer pointer_as_result': 'verifier logic: what a register holds in a call',
};
