// What all tools load: a program that every kernel since 5.10 accepts, with one map.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *packet_count = bpf_map_lookup_elem(&packets, &key);

	if (packet_count)
		__sync_fetch_and_add(packet_count, 1);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
