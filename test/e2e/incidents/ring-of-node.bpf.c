// A ring buffer on a node of memory, which all kernels make; and one that programs may only read.
#include "incident.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NUMA_NODE);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_RDONLY_PROG);
} ring_to_read SEC(".maps");

SEC("xdp")
int on_node(struct xdp_md *ctx)
{
	return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int to_read(struct xdp_md *ctx)
{
	return bpf_ringbuf_query(&ring_to_read, BPF_RB_AVAIL_DATA) ? XDP_PASS : XDP_DROP;
}
