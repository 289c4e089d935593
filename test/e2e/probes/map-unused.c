/* A map of a type that no kernel has, which one of the programs uses. */
#include "probe.h"

struct { __uint(type, 999); __uint(max_entries, 8); __type(key, __u32); __type(value, __u64); } unknown SEC(".maps");
SEC("socket") int does_not(void *ctx) { return 0; }
SEC("socket") int uses(void *ctx) { __u32 k = 1; return bpf_map_lookup_elem(&unknown, &k) != 0; }
