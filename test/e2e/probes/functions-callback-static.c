#include "probe.h"

struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } numbers SEC(".maps");
static int ok(void *map, __u32 *key, __u64 *value, void *context) { return 0; }
static int bad(void *map, __u32 *key, __u64 *value, void *context) { return value[1]; }
SEC("tc") int first(struct __sk_buff *skb) { int v = 0; return bpf_for_each_map_elem(&numbers, ok, &v, 0); }
SEC("tc") int second(struct __sk_buff *skb) { int v = 0; return bpf_for_each_map_elem(&numbers, bad, &v, 0); }
SEC("tc") int both(struct __sk_buff *skb)
{
	int v = 0;
	return bpf_for_each_map_elem(&numbers, ok, &v, 0) + bpf_for_each_map_elem(&numbers, bad, &v, 0);
}
