/* Every program with USDT probes has such maps, from libbpf's usdt.bpf.h. */
#include "probe.h"

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8); __type(key, __u32); __type(value, __u64); } weak_map SEC(".maps") __weak;
SEC("socket") int uses(void *ctx) { __u32 k = 1; return bpf_map_lookup_elem(&weak_map, &k) != 0; }
SEC("socket") int does_not(void *ctx) { return 0; }
