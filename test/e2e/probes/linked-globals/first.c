#include "../probe.h"

extern int shared_function(int a);
extern int shared_number;
struct shared_map { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8); __type(key, __u32); __type(value, __u64); };
extern struct shared_map shared SEC(".maps");
static __attribute__((noinline)) int below(__u32 i, void *context) { return 0; }
SEC("tc") int of_first(void *ctx) { __u32 k = shared_number; return shared_function(1) + (bpf_map_lookup_elem(&shared, &k) != 0); }
SEC("tc") int looped(void *ctx) { return bpf_loop(3, below, 0, 0); }
