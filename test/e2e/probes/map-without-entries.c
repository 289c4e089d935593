#include "probe.h"

struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, __u32); __type(value, __u64); } unsized SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, __u32); __type(value, __u64); } unsized_array SEC(".maps");
SEC("socket") int uses(void *ctx) { __u32 k = 0; return bpf_map_lookup_elem(&unsized, &k) != 0; }
SEC("socket") int uses_array(void *ctx) { __u32 k = 0; __u64 *v = bpf_map_lookup_elem(&unsized_array, &k); return v ? *v : 0; }
