#include "probe.h"

struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } first SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 2); __type(key, __u32); __array(values, struct inner); }
	outer SEC(".maps") = { .values = { [1] = &first } };
struct { __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); __uint(max_entries, 2); __type(key, __u32); __array(values, struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __type(key, __u32); __type(value, __u32); }); }
	outer_hash SEC(".maps");
SEC("socket") int of_array(void *ctx)
{
	__u32 k = 1;
	void *inner = bpf_map_lookup_elem(&outer, &k);
	__u64 *v = inner ? bpf_map_lookup_elem(inner, &k) : 0;
	return v ? *v : 0;
}
SEC("socket") int of_hash(void *ctx)
{
	__u32 k = 1;
	void *inner = bpf_map_lookup_elem(&outer_hash, &k);
	return inner ? bpf_map_lookup_elem(inner, &k) != 0 : 0;
}
