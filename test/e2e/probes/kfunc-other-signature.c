#include "probe.h"

extern int bpf_rcu_read_lock(long a, long b, long c) __ksym;
SEC("tc") int calls(void *ctx) { return bpf_rcu_read_lock(1, 2, 3); }
