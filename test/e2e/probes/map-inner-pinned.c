#include "probe.h"

struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); __uint(pinning, LIBBPF_PIN_BY_NAME); } pinned_inner SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 2); __type(key, __u32); __array(values, struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); }); }
	pinned_outer SEC(".maps") = { .values = { [0] = (void *)&pinned_inner } };
SEC("socket") int uses(void *ctx) { __u32 k = 0; return bpf_map_lookup_elem(&pinned_outer, &k) != 0; }
