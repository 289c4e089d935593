// A trie of prefixes has no memory from the start.
#include "incident.h"

struct prefix {
	__u32 bits;
	__u32 address;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct prefix);
	__type(value, __u64);
	__uint(max_entries, 8);
	__uint(map_flags, 0);
} table SEC(".maps");

SEC("xdp")
int look_up(struct xdp_md *ctx)
{
	struct prefix key = {};

	return bpf_map_lookup_elem(&table, &key) ? XDP_PASS : XDP_DROP;
}
