// A flag of LRU hashes on a plain one.
#include "incident.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 8);
	__uint(map_flags, BPF_F_NO_COMMON_LRU);
} table SEC(".maps");

SEC("xdp")
int look_up(struct xdp_md *ctx)
{
	__u32 key = {};

	return bpf_map_lookup_elem(&table, &key) ? XDP_PASS : XDP_DROP;
}
