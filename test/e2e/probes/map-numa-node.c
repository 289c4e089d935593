#include "probe.h"

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8); __uint(map_flags, BPF_F_NUMA_NODE); __uint(numa_node, 0); __type(key, __u32); __type(value, __u64); } on_node SEC(".maps");
SEC("socket") int uses(void *ctx) { __u32 k = 1; return bpf_map_lookup_elem(&on_node, &k) != 0; }
