/* The inner map's definition stands behind a typedef. */
#include "probe.h"

typedef struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } inner_t;
struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 2); __type(key, __u32); __array(values, inner_t); } outer SEC(".maps");
SEC("socket") int uses(void *ctx)
{
	__u32 k = 1;
	void *inner = bpf_map_lookup_elem(&outer, &k);
	return inner ? bpf_map_lookup_elem(inner, &k) != 0 : 0;
}
