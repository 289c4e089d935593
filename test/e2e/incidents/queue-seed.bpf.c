// A queue has no seed, and is not mapped.
#include "incident.h"

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(value_size, 8);
	__uint(max_entries, 8);
	__uint(map_flags, BPF_F_ZERO_SEED);
} queue SEC(".maps");

SEC("xdp")
int ask(struct xdp_md *ctx)
{
	__u64 value = 1;

	return bpf_map_peek_elem(&queue, &value) ? XDP_DROP : XDP_PASS;
}
