// A bloom filter with a seed of 0: the type since 5.16.
#include "incident.h"

struct {
	__uint(type, 30);
	__uint(value_size, 8);
	__uint(max_entries, 8);
	__uint(map_flags, BPF_F_ZERO_SEED);
} members SEC(".maps");

SEC("xdp")
int ask(struct xdp_md *ctx)
{
	__u64 value = 1;

	return bpf_map_peek_elem(&members, &value) ? XDP_DROP : XDP_PASS;
}
