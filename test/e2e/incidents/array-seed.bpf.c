// An array has no seed.
#include "incident.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 8);
	__uint(map_flags, BPF_F_ZERO_SEED);
} table SEC(".maps");

SEC("xdp")
int look_up(struct xdp_md *ctx)
{
	__u32 key = {};

	return bpf_map_lookup_elem(&table, &key) ? XDP_PASS : XDP_DROP;
}
