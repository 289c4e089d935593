#include "probe.h"

__u64 counter;
__u32 small;
SEC("socket") int add(void *ctx) { __sync_fetch_and_add(&counter, 1); return 0; }
SEC("socket") int fetch(void *ctx) { return __sync_fetch_and_add(&counter, 1); }
SEC("socket") int exchange(void *ctx) { return __sync_lock_test_and_set(&small, 3); }
SEC("socket") int compare(void *ctx) { return __sync_val_compare_and_swap(&counter, 1, 2); }
SEC("socket") int bitwise(void *ctx) { return __sync_fetch_and_or(&small, 4); }
